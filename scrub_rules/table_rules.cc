#include "scrub_rules/table_rules.h"

#include <algorithm>

#include "relay/sql/character_set.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

tl::unexpected<Error> refuse(Error error, const sql::TableDefinition& definition, const std::string& column) {
  return base::fail(error.about(definition.database + "." + definition.table + "." + column));
}

base::Result<ColumnPlan> plan_of_implicit(const ColumnRule* rule, const sql::TableDefinition& definition,
                                          const std::string& column) {
  ColumnPlan plan;
  plan.action.kind = ActionKind::keep;
  if (rule == nullptr || rule->action.kind == ActionKind::keep) return plan;
  return refuse(Error(ErrorKind::rule, "a rule names a column that the server makes by itself, which always leaves")
                    .remedy("keep the column, or let the table not leave"),
                definition, column);
}

base::Result<ColumnPlan> plan_of(const TableRule* rule, ColumnDefault column_default,
                                 const sql::TableDefinition& definition, const sql::ColumnDefinition& column) {
  const ColumnRule* named = rule != nullptr ? rule->find(column.name) : nullptr;
  if (column.implicit) return plan_of_implicit(named, definition, column.name);
  ColumnPlan plan;
  if (named == nullptr) {
    plan.by_default = true;
    plan.action.kind = column_default == ColumnDefault::keep ? ActionKind::keep : ActionKind::drop;
    if (column_default != ColumnDefault::halt) return plan;
    return refuse(Error(ErrorKind::rule, "no rule names a column, and column_default says halt")
                      .remedy("name the column in its [[table]]"),
                  definition, column.name);
  }
  plan.action = named->action;
  if (!column.generated || !plan.action.replaces()) return plan;
  return refuse(Error(ErrorKind::rule, "a generated column holds what its expression gives, not what a rule says")
                    .remedy("keep or drop the column"),
                definition, column.name);
}

// Whether the column's values leave as the source has them, or as it computes them.
bool shows_values(const ColumnPlan& plan, const sql::ColumnDefinition& column) {
  return keeps(plan) && !column.implicit && !column.depends_on.empty();
}

// A foreign key's columns hold the values of those that they refer to. Where a rule says keep, somebody has decided; a
// default has not. A table that does not leave at all says nothing of its key, which is in the tables that refer to it.
void drop_copies(const RuleView& rules, const sql::TableDefinition& definition, std::vector<ColumnPlan>& plans) {
  const auto drop_copy = [&](const std::string& column, const sql::TableName& table, const std::string& original) {
    const auto index = definition.find(column);
    if (!index || !plans[*index].by_default || !keeps(plans[*index])) return;
    if (!rules.table_leaves(table) || rules_keep(rules, table, original)) return;
    plans[*index].action = Action{};
    plans[*index].by_closure = true;
    plans[*index].refers_to = table.database + "." + table.table + "." + original;
  };
  for (const sql::ForeignKeyDefinition& key : definition.foreign_keys) {
    const sql::TableName parent = sql::parent_of(definition, key);
    for (std::size_t i = 0; i < key.columns.size() && i < key.referenced_columns.size(); ++i) {
      drop_copy(key.columns[i], parent, key.referenced_columns[i]);
    }
    if (!key.origins) continue;
    for (const sql::KeyOrigin& origin : *key.origins) {
      if (origin.key_column >= key.columns.size()) continue;
      drop_copy(key.columns[origin.key_column], {origin.database, origin.table}, origin.column);
    }
  }
}

}  // namespace

bool rules_keep(const RuleView& rules, const sql::TableName& table, const std::string& column) {
  const TableRule* rule = rules.find(table);
  const ColumnRule* named = rule != nullptr ? rule->find(column) : nullptr;
  return named != nullptr ? named->action.kind == ActionKind::keep : rules.column_default(table) == ColumnDefault::keep;
}

std::string closure_cause(const std::vector<ColumnPlan>& plans, const sql::TableDefinition& definition,
                          std::size_t index) {
  if (!plans[index].refers_to.empty()) return plans[index].refers_to;
  for (const std::string& name : definition.columns[index].depends_on) {
    const auto found = std::ranges::find_if(
        definition.columns, [&](const sql::ColumnDefinition& column) { return sql::equal_names(column.name, name); });
    // A name that the table does not have is not understood, so what comes of it does not leave.
    if (found == definition.columns.end()) return name;
    if (!keeps(plans[static_cast<std::size_t>(found - definition.columns.begin())])) return name;
  }
  return {};
}

base::Result<std::vector<ColumnPlan>> column_plans(const RuleView& rules, const sql::TableDefinition& definition) {
  const sql::TableName name{definition.database, definition.table};
  if (rules.ambiguous(name)) {
    return base::fail(Error(ErrorKind::rule, "two rules name the same table equally exactly")
                          .about(name.database + "." + name.table)
                          .remedy("join both into one [[table]]"));
  }
  const TableRule* rule = rules.find(name);
  const bool leaves = rules.table_leaves(name);
  const ColumnDefault column_default = rules.column_default(name);
  std::vector<ColumnPlan> plans;
  for (const sql::ColumnDefinition& column : definition.columns) {
    if (leaves) {
      RELAY_ASSIGN(ColumnPlan plan, plan_of(rule, column_default, definition, column));
      plans.push_back(std::move(plan));
    } else {
      plans.emplace_back();
    }
  }
  if (leaves) drop_copies(rules, definition, plans);
  for (bool changed = leaves; changed;) {
    changed = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (!shows_values(plans[i], definition.columns[i]) || closure_cause(plans, definition, i).empty()) continue;
      plans[i].action = Action{};
      plans[i].by_closure = changed = true;
    }
  }
  return plans;
}

bool follows_without_columns(const RuleView& rules, const sql::TableDefinition& definition) {
  const sql::TableName name{definition.database, definition.table};
  if (!rules.follows(name) || !rules.table_leaves(name)) return false;
  const base::Result<std::vector<ColumnPlan>> plans = column_plans(rules, definition);
  return plans &&
         std::ranges::all_of(*plans, [](const ColumnPlan& plan) { return plan.action.kind == ActionKind::drop; });
}

std::vector<LineageChange> take_out_empty_copies(const RuleView& rules, std::vector<sql::TableDefinition>& tables) {
  std::vector<LineageChange> changes;
  std::erase_if(tables, [&](const sql::TableDefinition& table) {
    if (!follows_without_columns(rules, table)) return false;
    changes.push_back({{table.database, table.table}, Origin{}, false});
    return true;
  });
  return changes;
}

sql::TableFate RuleTableFates::fate_of(const sql::TableDefinition& definition) const {
  sql::TableFate fate;
  fate.definition = &definition;
  fate.leaves = !definition.sequence && table_leaves({definition.database, definition.table});
  fate.fates.assign(definition.columns.size(), sql::ColumnFate::stripped);
  fate.mappings.resize(definition.columns.size());
  fate.constants.resize(definition.columns.size());
  const base::Result<std::vector<ColumnPlan>> plans = column_plans(rules_, definition);
  if (!plans) return fate;
  for (std::size_t i = 0; i < plans->size(); ++i) {
    const ActionKind kind = (*plans)[i].action.kind;
    if (kind == ActionKind::keep) fate.fates[i] = sql::ColumnFate::keeps;
    if (!(*plans)[i].action.replaces()) continue;
    const ActionEffect effect = effect_of((*plans)[i].action, definition.columns[i]);
    const bool mapped = effect.distinct && !effect.may_collide();
    fate.fates[i] = mapped ? sql::ColumnFate::mapped : sql::ColumnFate::altered;
    fate.mappings[i] = effect.mapping;
    if (kind == ActionKind::constant) fate.constants[i] = (*plans)[i].action.value;
  }
  return fate;
}

void forget_stripped_members(const RuleView& rules, std::vector<sql::TableDefinition>& tables) {
  const RuleTableFates fates(rules);
  for (sql::TableDefinition& table : tables) forget_stripped_members(table, fates);
}

bool RuleTableFates::table_leaves(const sql::TableName& name) const { return rules_.table_leaves(name); }

bool RuleTableFates::database_leaves(std::string_view database) const { return rules_.database_leaves(database); }

}  // namespace relay::scrub_rules
