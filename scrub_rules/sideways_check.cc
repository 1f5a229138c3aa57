#include "scrub_rules/sideways_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/sql/character_set.h"
#include "relay/sql/trigger_copies.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using Severity = base::Problem::Severity;
using sql::TableName;

// What is known of a column's fate.
enum class KnownFate : std::uint8_t { keeps, would_keep, changed, table_stays, unknown };

// Of a table that is still to come (a dump makes triggers right behind their own) the rules alone tell.
KnownFate fate_of(const RuleView& rules, const sql::Catalog& catalog, const TableName& table,
                  const std::string& column) {
  if (!rules.table_leaves(table)) return KnownFate::table_stays;
  const sql::TableDefinition* definition = catalog.find(table);
  if (definition == nullptr) return rules_keep(rules, table, column) ? KnownFate::would_keep : KnownFate::changed;
  const auto plans = column_plans(rules, *definition);
  const auto index = definition->find(column);
  if (!plans || !index) return KnownFate::unknown;
  return (*plans)[*index].action.kind == ActionKind::keep ? KnownFate::keeps : KnownFate::changed;
}

std::string full_name(const TableName& table) { return table.database + "." + table.table; }

void add(const RuleView& rules, Severity severity, const TableName& table, const std::string& column, std::string what,
         std::string remedy, base::Problems& problems) {
  base::Problem problem;
  problem.severity = severity;
  problem.key = printable("table " + full_name(table) + (column.empty() ? "" : ", column " + column));
  if (const TableRule* rule = rules.find(table)) {
    const ColumnRule* named = rule->find(column);
    problem.file = rule->file;
    problem.line = named != nullptr ? named->line : rule->line;
  }
  problem.what = printable(what);
  problem.remedy = std::move(remedy);
  problems.push_back(std::move(problem));
}

class TriggerChecker {
 public:
  TriggerChecker(const RuleView& rules, const sql::TriggerStatement& trigger, const sql::Catalog& catalog, Knows knows,
                 base::Problems& problems)
      : rules_(rules), trigger_(trigger), catalog_(catalog), knows_(knows), problems_(problems) {}

  void check() {
    for (const sql::TriggerCopy& copy : sql::trigger_copies(trigger_)) {
      const KnownFate from = fate_of(rules_, catalog_, trigger_.table, copy.from);
      // Of a table that does not leave nobody said that its columns are personal.
      if (from != KnownFate::changed && !(from == KnownFate::table_stays && held_back_by_rule())) continue;
      const bool fails = copy.whole && from == KnownFate::changed;
      if (copy.into.table.empty()) {
        note_somewhere(copy.from);
        continue;
      }
      if (!rules_.table_leaves(copy.into)) continue;
      const std::string column = column_of(copy);
      const bool is_known = catalog_.find(copy.into) != nullptr;
      // Where nobody knows which column, the table's columns are like those that no rule names.
      const KnownFate to =
          !column.empty() || !is_known ? fate_of(rules_, catalog_, copy.into, column) : KnownFate::unknown;
      if (to == KnownFate::changed) continue;
      // What is not there when all tables are known is a view, or was dropped.
      const bool may_come = to == KnownFate::would_keep && knows_ == Knows::tables_so_far;
      if (fails && (to == KnownFate::keeps || may_come)) {
        fail(copy, column);
      } else {
        warn(copy.into, column, copy.from);
      }
    }
  }

 private:
  // Empty when not known. INSERT without names fills the visible columns.
  [[nodiscard]] std::string column_of(const sql::TriggerCopy& copy) const {
    const sql::TableDefinition* into = catalog_.find(copy.into);
    if (!copy.into_position || into == nullptr) return copy.into_column;
    std::size_t position = 0;
    for (const sql::ColumnDefinition& column : into->columns) {
      if (!column.invisible && position++ == *copy.into_position) return column.name;
    }
    return {};
  }
  [[nodiscard]] bool held_back_by_rule() const { return rules_.find(trigger_.table) != nullptr; }
  [[nodiscard]] std::string trigger_name() const { return "the trigger " + full_name(trigger_.name); }

  void fail(const sql::TriggerCopy& copy, const std::string& column) {
    add(rules_, Severity::error, copy.into, column,
        fmt::format("{} copies {}.{} into it, which does not keep its values", trigger_name(),
                    full_name(trigger_.table), copy.from),
        "drop or replace this column too", problems_);
  }

  void warn(const TableName& into, const std::string& column, const std::string& from) {
    add(rules_, Severity::warning, into, column,
        fmt::format("{} writes here something made of {}.{}, which does not keep its values", trigger_name(),
                    full_name(trigger_.table), from),
        "read the trigger; drop or replace the columns that it writes where the value shows in them", problems_);
  }

  // Through a variable or a condition: into any table that the body names.
  void note_somewhere(const std::string& from) {
    std::vector<TableName> told;
    for (const TableName& name : sql::names_in(trigger_)) {
      if (catalog_.find(name) == nullptr || !rules_.table_leaves(name)) continue;
      if (std::ranges::find(told, name) != told.end()) continue;
      told.push_back(name);
      warn(name, {}, from);
    }
  }

  const RuleView& rules_;
  const sql::TriggerStatement& trigger_;
  const sql::Catalog& catalog_;
  Knows knows_;
  base::Problems& problems_;
};

}  // namespace

void check_trigger(const RuleView& rules, const sql::TriggerStatement& trigger, const sql::Catalog& catalog,
                   Knows knows, base::Problems& problems) {
  TriggerChecker(rules, trigger, catalog, knows, problems).check();
}

}  // namespace relay::scrub_rules
