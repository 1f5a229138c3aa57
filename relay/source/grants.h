#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/problem.h"
#include "relay/source/source_facts.h"

namespace relay::source {

// 'user'@'host', as GRANT has it, of what CURRENT_USER() says: user@host.
[[nodiscard]] std::string quoted_account(std::string_view account);

// One line of SHOW GRANTS that gives or takes privileges.
struct Grant {
  bool revokes = false;              // MySQL 8's partial revokes
  std::set<std::string> privileges;  // upper case; "ALL PRIVILEGES"; those on single columns are left out
  std::string database;              // as in GRANT: "*", or a pattern of LIKE with \ as escape
  std::string table;                 // "*" or a name
};

// Reads one line. None for lines that grant roles, proxies or routines.
[[nodiscard]] std::optional<Grant> parse_grant(std::string_view line);

// A table, or tables, that the account has to be able to read; * and ? match as in rules.
struct TablePattern {
  std::string database;
  std::string table;
};

// What an account may do, by all its grants.
class Privileges {
 public:
  explicit Privileges(std::vector<Grant> grants) : grants_(std::move(grants)) {}
  // On everything: *.*
  [[nodiscard]] bool has_global(const std::string& privilege) const;
  // On every table that the pattern may match, by one grant; revokes of a part count as not having it.
  [[nodiscard]] bool has_on(const std::string& privilege, const TablePattern& tables) const;

 private:
  std::vector<Grant> grants_;
};

// What the relay's account lacks, each with the GRANT that gives it. `account` as CURRENT_USER() says it: "relay@%".
[[nodiscard]] base::Problems judge_privileges(const Privileges& privileges, const SourceFacts& facts,
                                              std::string_view account, const std::vector<TablePattern>& tables);

}  // namespace relay::source
