#include "scrub_rules/copies_check.h"

#include <algorithm>

#include "scrub_rules/key_origins.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using Plans = std::vector<ColumnPlan>;

// The column of `child` by which the key leads to a value of `table` that does not leave; empty when there is none.
std::string leaving_copy(const sql::ForeignKeyDefinition& key, const sql::TableDefinition& table,
                         const Plans& originals, const sql::TableDefinition& child, const Plans& copies) {
  for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
    const auto original = table.find(key.referenced_columns[i]);
    const auto copy = child.find(key.columns[i]);
    if (!original || !copy || !originals[*original].by_closure || !copies[*copy].by_default) continue;
    if (copies[*copy].action.kind == ActionKind::keep) return key.columns[i];
  }
  return {};
}

}  // namespace

base::Result<void> check_copies_of(const RuleView& rules, const SchemaHistory& history, const sql::TableName& name) {
  const sql::TableDefinition* table = history.find(name);
  if (table == nullptr) return {};
  const auto originals = column_plans(rules, *table);
  if (!originals) return {};
  for (const sql::TableDefinition* child : history.tables_referring_to(name)) {
    const auto copies = column_plans(rules, *child);
    if (!copies) continue;
    for (const sql::ForeignKeyDefinition& key : child->foreign_keys) {
      if (sql::parent_of(*child, key) != name) continue;
      const std::string column = leaving_copy(key, *table, *originals, *child, *copies);
      if (column.empty()) continue;
      return base::fail(Error(ErrorKind::rule,
                              "a column that leaves has the values of one that does not, by foreign keys of two tables")
                            .about(child->database + "." + child->table + "." + column)
                            .remedy("name the column in its [[table]]: drop or keep it"));
    }
  }
  return {};
}

}  // namespace relay::scrub_rules
