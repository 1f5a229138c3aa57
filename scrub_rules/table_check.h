#pragma once

#include <string>
#include <vector>

#include "relay/base/problem.h"
#include "relay/binlog/flavor.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {

// One line of what `check` prints: what would leave of a column, and how.
struct ColumnReport {
  std::string column;
  std::string type;    // as declared
  std::string action;  // "keep", "drop", "drop (computed from ssn)", "null (stored as '')", "constant" ...
};

struct TableReport {
  std::string database;
  std::string table;
  bool leaves = false;
  std::vector<ColumnReport> columns;
};

// Judges the rules of one table against its definition: actions that do not fit type, length, character set, key or NOT
// NULL; a dropped, nulled or constant column in the primary key, or in a unique key of a table without primary key;
// nothing left; foreign keys, checks, indexes and partitions that will be missing at the replica (warnings).
// `minimal_row_image` is the source's binlog_row_image = MINIMAL.
[[nodiscard]] TableReport check_table(const RuleSet& rules, const sql::TableDefinition& definition,
                                      binlog::Flavor flavor, bool fold_case, bool minimal_row_image,
                                      base::Problems& problems);

// Rules that match none of the given tables, or name columns that no matching table has, and are not optional.
void check_unmatched(const RuleSet& rules, const std::vector<sql::TableDefinition>& tables, bool fold_case,
                     base::Problems& problems);

}  // namespace relay::scrub_rules
