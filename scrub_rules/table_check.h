#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/problem.h"
#include "relay/binlog/flavor.h"
#include "relay/sql/ddl.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

// One line of what `check` prints: what would leave of a column, and how.
struct ColumnReport {
  std::string column;
  std::string type;     // as declared
  std::string action;   // "keep", "drop", "drop (computed from ssn)", "null (stored as '')", "constant" ...
  std::string example;  // of an action that is made of the value: an invented one before and after; else empty
};

struct TableReport {
  std::string database;
  std::string table;
  bool leaves = false;
  std::string follows;  // database.table whose rules hold for it, where that is another
  std::vector<ColumnReport> columns;
};

// What of the source a judgement depends on besides the table.
struct SourceTraits {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  std::uint32_t version = 0;             // 90704, 101119 ...; 0: not known
  bool minimal_row_image = false;        // binlog_row_image = MINIMAL
  const sql::Catalog* tables = nullptr;  // those that foreign keys may lead to; null: not known
};

// Judges the rules of one table against its definition. Errors: actions that do not fit type, length, character set,
// key or NOT NULL; a dropped, nulled or constant column in the primary key, or under a minimal row image in the unique
// key that stands in for one; nothing left; a foreign key that changes rows without row events and that the replica
// cannot have. Warnings: foreign keys, checks, indexes and partitions that will be missing at the replica; columns that
// a rule keeps and that the closure drops, or that hold what a rule drops elsewhere.
[[nodiscard]] TableReport check_table(const RuleView& rules, const sql::TableDefinition& definition,
                                      const SourceTraits& source, base::Problems& problems);

// Rules that match none of the source's tables, or name columns that no matching table has, and are not optional.
// `tables` are those that leave. A rule that lets nothing leave fits none of them; it is judged by the names in
// `held_back`, the source's tables that do not leave, and not at all when that is null: then a mistyped name in it goes
// unseen.
void check_unmatched(const RuleSet& rules, const std::vector<sql::TableDefinition>& tables, bool fold_case,
                     base::Problems& problems, const std::vector<sql::TableName>* held_back = nullptr);

}  // namespace relay::scrub_rules
