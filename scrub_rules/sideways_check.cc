#include "scrub_rules/sideways_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "relay/sql/character_set.h"
#include "relay/sql/trigger_copies.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using Severity = base::Problem::Severity;
using sql::TableName;

constexpr std::size_t kEnoughProblems = 1000;  // for a reader; errors are told beyond that

// What is known of a column's fate.
enum class KnownFate : std::uint8_t { keeps, would_keep, changed, table_stays, unknown };

// Whether a column (empty: any of them) of a table that is still to come keeps its values.
bool may_keep(const RuleView& rules, const TableName& table, const std::string& column) {
  const TableRule* rule = rules.find(table);
  if (rules_keep(rules, table, column)) return true;
  return column.empty() && rule != nullptr && std::ranges::any_of(rule->columns, [](const ColumnRule& each) {
           return each.action.kind == ActionKind::keep;
         });
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
    if (!rules_.table_leaves(trigger_.table) && !held_back_by_rule()) return;
    const auto copies = sql::trigger_copies(trigger_);
    if (!copies) {
      return add(rules_, Severity::error, trigger_.table, {},
                 fmt::format("{} uses columns of its row in more places than can be read", trigger_name()),
                 "make the trigger shorter, or deny the table", problems_);
    }
    for (const sql::TriggerCopy& copy : *copies) check_copy(copy);
  }

 private:
  void check_copy(const sql::TriggerCopy& copy) {
    const KnownFate from = fate_of(trigger_.table, copy.from);
    // Of a table that does not leave nobody said that its columns are personal.
    if (from != KnownFate::changed && !(from == KnownFate::table_stays && held_back_by_rule())) return;
    const bool fails = copy.whole && from == KnownFate::changed;
    if (copy.into.table.empty()) return note_somewhere(copy.from);
    if (!rules_.table_leaves(copy.into)) return;
    const std::string column = column_of(copy);
    const KnownFate to = fate_of(copy.into, column);
    if (to == KnownFate::changed) return;
    // What is not there when all tables are known is a view, or was dropped.
    const bool may_come = to == KnownFate::would_keep && knows_ == Knows::tables_so_far;
    if (fails && (to == KnownFate::keeps || may_come)) {
      fail(copy, column);
    } else {
      warn(copy.into, column, copy.from);
    }
  }

  // Of no column: of any that keeps its values. Of a table that is still to come (a dump makes triggers right behind
  // their own) the rules alone tell.
  KnownFate fate_of(const TableName& table, const std::string& column) {
    if (!rules_.table_leaves(table)) return KnownFate::table_stays;
    const sql::TableDefinition* definition = catalog_.find(table);
    if (definition == nullptr) return may_keep(rules_, table, column) ? KnownFate::would_keep : KnownFate::changed;
    const auto [known, is_new] = plans_.try_emplace(full_name(table));
    if (is_new) {
      if (auto plans = column_plans(rules_, *definition)) known->second = std::move(*plans);
    }
    const std::vector<ColumnPlan>& plans = known->second;
    if (plans.empty()) return KnownFate::unknown;
    if (column.empty()) return std::ranges::any_of(plans, keeps) ? KnownFate::keeps : KnownFate::changed;
    const auto index = definition->find(column);
    if (!index) return KnownFate::unknown;
    return keeps(plans[*index]) ? KnownFate::keeps : KnownFate::changed;
  }

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
    const std::string told = full_name(into) + '\0' + column + '\0' + from;
    if (problems_.size() >= kEnoughProblems || !warned_.insert(told).second) return;
    add(rules_, Severity::warning, into, column,
        fmt::format("{} writes here something made of {}.{}, which does not keep its values", trigger_name(),
                    full_name(trigger_.table), from),
        "read the trigger; drop or replace the columns that it writes where the value shows in them", problems_);
  }

  // Through a variable or a condition: into any table that the body names.
  void note_somewhere(const std::string& from) {
    if (!named_) {
      named_.emplace();
      for (TableName& name : sql::names_in(trigger_)) {
        if (catalog_.find(name) == nullptr || !rules_.table_leaves(name)) continue;
        if (std::ranges::find(*named_, name) == named_->end()) named_->push_back(std::move(name));
      }
    }
    for (const TableName& name : *named_) warn(name, {}, from);
  }

  const RuleView& rules_;
  const sql::TriggerStatement& trigger_;
  const sql::Catalog& catalog_;
  Knows knows_;
  base::Problems& problems_;
  std::map<std::string, std::vector<ColumnPlan>> plans_;  // by table; empty where the rules do not decide
  std::optional<std::vector<TableName>> named_;           // in the body, and leaving
  std::set<std::string> warned_;
};

}  // namespace

void check_trigger(const RuleView& rules, const sql::TriggerStatement& trigger, const sql::Catalog& catalog,
                   Knows knows, base::Problems& problems) {
  TriggerChecker(rules, trigger, catalog, knows, problems).check();
}

}  // namespace relay::scrub_rules
