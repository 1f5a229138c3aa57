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

using Origins = std::vector<std::optional<std::size_t>>;

// `to` has the values of `from`: each column those of the one at its place in `origins`.
base::Result<void> check_moved(const RuleView& before, const sql::TableDefinition& from, const RuleView& after,
                               const sql::TableDefinition& to, const Origins& origins) {
  const auto old_plans = column_plans(before, from);
  const auto new_plans = column_plans(after, to);
  if (!new_plans || !before.table_leaves(from.name()) || !after.table_leaves(to.name())) return {};
  for (std::size_t i = 0; i < to.columns.size(); ++i) {
    const bool leaves = keeps((*new_plans)[i]) && (*new_plans)[i].by_default;
    if (!leaves || !origins[i] || (old_plans && keeps((*old_plans)[*origins[i]]))) continue;
    return base::fail(
        Error(ErrorKind::rule, "a column that no rule names would have the values of one that did not leave")
            .about(to.database + "." + to.table + "." + to.columns[i].name)
            .remedy("name the column in its [[table]]: drop or keep it"));
  }
  return {};
}

sql::TableDefinition under(const sql::TableName& name, const sql::TableDefinition& table) {
  sql::TableDefinition copy = table;
  copy.database = name.database;
  copy.table = name.table;
  return copy;
}

Origins in_place(const sql::TableDefinition& table) {
  Origins origins;
  for (std::size_t i = 0; i < table.columns.size(); ++i) origins.emplace_back(i);
  return origins;
}

// RENAME TABLE goes from left to right, so a table may get several names.
base::Result<void> check_renamed_tables(const RuleView& before, const RuleView& after, const SchemaHistory& history,
                                        const sql::RenameTables& rename) {
  std::vector<std::pair<sql::TableName, const sql::TableDefinition*>> moved;
  for (const auto& [from, to] : rename.renames) {
    const auto again = std::ranges::find(moved, from, [](const auto& each) { return each.first; });
    const sql::TableDefinition* table = again != moved.end() ? again->second : history.find(from);
    if (again != moved.end()) moved.erase(again);
    moved.emplace_back(to, table);
  }
  for (const auto& [name, table] : moved) {
    if (table != nullptr) RELAY_TRY(check_moved(before, *table, after, under(name, *table), in_place(*table)));
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

base::Result<void> check_moved_values(const RuleView& before, const RuleView& after, const SchemaHistory& history,
                                      const sql::Statement& statement) {
  if (const auto* rename = dynamic_cast<const sql::RenameTables*>(&statement))
    return check_renamed_tables(before, after, history, *rename);
  const auto* alter = dynamic_cast<const sql::AlterTable*>(&statement);
  const sql::TableDefinition* known = alter != nullptr ? history.find(alter->name) : nullptr;
  if (known == nullptr) return {};
  const auto simulated = sql::simulate(*alter, *known, sql::database_defaults(history, alter->name.database));
  if (!simulated) return {};  // what it does to its table is in doubt then
  const sql::AlterOutcome& outcome = *simulated;
  const bool renames = std::ranges::any_of(alter->clauses, [&](const sql::AlterClause& clause) {
    return clause.kind == sql::ClauseKind::rename_table && !(clause.table == alter->name);
  });
  if (!renames) RELAY_TRY(check_moved(before, *known, after, outcome.after, outcome.origin));
  for (const sql::AlterClause& clause : alter->clauses) {
    const bool moves_here =
        clause.kind == sql::ClauseKind::exchange_partition || clause.kind == sql::ClauseKind::convert_table;
    const bool moves_there = clause.kind == sql::ClauseKind::exchange_partition ||
                             clause.kind == sql::ClauseKind::convert_partition ||
                             clause.kind == sql::ClauseKind::rename_table;
    const sql::TableDefinition* other = moves_here ? history.find(clause.table) : nullptr;
    if (other != nullptr) RELAY_TRY(check_moved(before, *other, after, under(alter->name, *other), in_place(*other)));
    if (moves_there) RELAY_TRY(check_moved(before, *known, after, under(clause.table, outcome.after), outcome.origin));
  }
  return {};
}

}  // namespace relay::scrub_rules
