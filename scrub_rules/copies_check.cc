#include "scrub_rules/copies_check.h"

#include <algorithm>

#include "relay/sql/alter_simulation.h"
#include "relay/sql/table_maker.h"
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

base::Result<void> check_new_keys(const RuleView& rules, const SchemaHistory& history,
                                  const sql::TableDefinition& table) {
  const auto plans = column_plans(rules, table);
  if (!plans || !rules.table_leaves(table.name())) return {};
  const sql::TableDefinition* before = history.find(table.name());
  for (const sql::ForeignKeyDefinition& key : table.foreign_keys) {
    const sql::TableName parent = sql::parent_of(table, key);
    const bool is_new = before == nullptr || std::ranges::none_of(before->foreign_keys, [&](const auto& known) {
                          return sql::equal_names(known.name, key.name);
                        });
    if (!is_new || parent == table.name() || history.find(parent) != nullptr || !rules.table_leaves(parent)) continue;
    const TableRule* rule = rules.find(parent);
    for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
      const auto copy = table.find(key.columns[i]);
      const bool named = rule != nullptr && rule->find(key.referenced_columns[i]) != nullptr;
      if (!copy || named || !(*plans)[*copy].by_default || !keeps((*plans)[*copy])) continue;
      return base::fail(
          Error(ErrorKind::rule, "a foreign key leads to a table that is not there yet, and no rule names its columns")
              .about(table.database + "." + table.table + "." + key.columns[i])
              .remedy("name this column, or the one that it refers to, in its [[table]]: keep or drop it"));
    }
  }
  return {};
}

base::Result<void> check_renamed_columns(const RuleView& rules, const SchemaHistory& history,
                                         const sql::AlterTable& alter, const sql::TableDefinition& before) {
  RELAY_ASSIGN(const sql::AlterOutcome outcome,
               sql::simulate(alter, before, sql::database_defaults(history, alter.name.database)));
  const auto old_plans = column_plans(rules, before);
  const auto new_plans = column_plans(rules, outcome.after);
  if (!old_plans || !new_plans || !rules.table_leaves(before.name())) return {};
  for (std::size_t i = 0; i < outcome.after.columns.size(); ++i) {
    const bool leaves = keeps((*new_plans)[i]) && (*new_plans)[i].by_default;
    if (!leaves || !outcome.origin[i] || keeps((*old_plans)[*outcome.origin[i]])) continue;
    return base::fail(
        Error(ErrorKind::rule, "a column that no rule names would have the values of one that did not leave")
            .about(before.database + "." + before.table + "." + outcome.after.columns[i].name)
            .remedy("name the column in its [[table]]: drop or keep it"));
  }
  return {};
}

}  // namespace relay::scrub_rules
