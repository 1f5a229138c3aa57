#pragma once

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::sql::test {

inline constexpr std::uint64_t kAnsi = 0x4;
inline constexpr std::uint64_t kNoEscapes = 0x100000;

[[nodiscard]] SqlContext mysql(std::uint32_t version = 90704, std::uint64_t sql_mode = 0);
[[nodiscard]] SqlContext maria(std::uint32_t version = 101119, std::uint64_t sql_mode = 0);

class MapCatalog : public Catalog {
 public:
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override;
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view database) const override;
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view database) const override;
  void take(std::vector<CatalogChange> changes);
  // Reads and applies a statement that must be right.
  void run(const std::string& statement, const SqlContext& context);

 private:
  std::map<std::string, TableDefinition> tables_;
};

// "t: secret=drop note=alter; u; d2.v: x=drop": the tables that leave, and the columns that do not keep their values. A
// computed column that depends on one of those is stripped.
class RuleFates : public TableFates {
 public:
  explicit RuleFates(const std::string& rules);
  [[nodiscard]] TableFate fate_of(const TableDefinition& definition) const override;
  [[nodiscard]] bool table_leaves(const TableName& name) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;

 private:
  std::map<std::string, std::map<std::string, ColumnFate>> rules_;
};

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

// The statement for the replica, or "error KIND".
[[nodiscard]] std::string rewritten(const Golden& golden);
// Runs of blanks become one.
[[nodiscard]] std::string squeezed(const std::string& text);
// "name type(length) flags charset/collation; ... | kind name(parts); ...": one definition as text.
[[nodiscard]] std::string described(const TableDefinition& table);
[[nodiscard]] std::string kind_of(const std::string& statement, const SqlContext& context);
[[nodiscard]] std::string error_name(const base::Error& error);

}  // namespace relay::sql::test
