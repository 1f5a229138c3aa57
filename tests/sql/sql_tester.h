#pragma once

#include <string>
#include <vector>

#include "sql_catalog.h"

namespace relay::sql::test {

// One golden case of rewriting.
struct Golden {
  std::string name;
  SqlContext context;
  std::vector<std::string> before;
  std::string rules;
  std::string statement;
  std::string expected;  // "": no statement; "error rule", "error unsupported", "error malformed"
};
void check(const Golden& golden);
void check_all(const std::vector<Golden>& goldens);

inline const std::string kAlter = "ALTER TABLE `d`.`t` ";

// The statement for the replica, or "error KIND".
[[nodiscard]] std::string rewritten(const Golden& golden);
// "name type(length) flags charset/collation; ... | kind name(parts); ...": one definition as text.
[[nodiscard]] std::string described(const TableDefinition& table);
[[nodiscard]] std::string kind_of(const std::string& statement, const SqlContext& context);
[[nodiscard]] std::string error_name(const base::Error& error);

}  // namespace relay::sql::test
