#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/binlog/column_type.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/table_map.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/column_treatment.h"
#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

// What is done to the rows of one distinct table map. Immutable once made.
struct TablePlan {
  bool leaves = false;
  std::string name;                                              // database.table, for messages and counters
  std::vector<binlog::ColumnType> columns;                       // of the source, hidden ones included
  std::vector<binlog::CellShape> shapes;                         // parallel to columns
  std::vector<CellFate> fates;                                   // parallel to columns
  std::shared_ptr<const std::vector<std::string>> column_names;  // parallel to columns, for counting
  std::vector<std::string> replacements;  // parallel to columns: encoded cells for `replace`, else empty
  // Parallel to columns: what `transform` does, else null. Shared by copies of the plan, which stay in one thread.
  std::vector<std::shared_ptr<const CellTransform>> transforms;
  std::size_t kept_columns = 0;  // columns that the replica's table has
  std::size_t json_columns = 0;  // of the source, for PARTIAL_UPDATE_ROWS
  bool identity = false;         // every column keeps its values
  // A column by which the source finds rows (primary key, else a unique key without NULLs) neither keeps its values nor
  // has pseudonyms that are as different: a before image of the key alone would find other rows at the replica.
  bool key_altered = false;
  std::string table_map;  // the rewritten body behind the table id

  // Makes the plan of `map`. `definition` is the schema history's (null when it has none): without it the map must
  // carry column names, and every column must keep its values, since what is computed from what is not known.
  // Errors: kind rule or unsupported, naming table and column: no names to be had, a map that contradicts the
  // definition (count, types, names, signedness, nullability), an action that does not fit. Never guesses.
  [[nodiscard]] static base::Result<TablePlan> make(const binlog::TableMap& map, binlog::Flavor flavor,
                                                    const sql::TableDefinition* definition, const RuleView& rules);
};

}  // namespace relay::scrub_rules
