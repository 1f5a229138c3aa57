#include "scrub_rules/table_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/base/buffer.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/action_example.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/key_check.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/rule_conflicts.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using Severity = base::Problem::Severity;
using sql::ColumnDefinition;
using sql::TableDefinition;

std::string declared_text(const ColumnDefinition& column) {
  std::string text = column.type;
  if (column.length) text += fmt::format("({}", *column.length);
  if (column.length && column.scale) text += fmt::format(",{}", *column.scale);
  if (column.length) text += ")";
  if (column.is_unsigned) text += " unsigned";
  if (!column.nullable) text += " not null";
  return base::Subject(text).text();
}

// What the zero value of a type looks like, for the report.
std::string zero_text(const ColumnDefinition& column, binlog::Flavor flavor) {
  const std::string& type = column.type;
  if (type == "date") return "'0000-00-00'";
  if (type == "datetime" || type == "timestamp") return "'0000-00-00 00:00:00'";
  if (type == "time") return "'00:00:00'";
  if (type == "enum") return "its first member";
  if (type == "json" && flavor == binlog::Flavor::mysql) return "JSON null";
  if (type == "vector") return "zeros";
  if (type == "inet4" || type == "inet6" || type == "uuid") return "zeros";
  const bool text = type == "set" || type.ends_with("char") || type.ends_with("text") || type.ends_with("binary") ||
                    type.ends_with("blob");
  if (text) return "''";
  const bool spatial =
      type.ends_with("point") || type.ends_with("string") || type.ends_with("polygon") || type.starts_with("geom");
  return spatial ? "a geometry at 0 0" : "0";
}

class TableChecker {
 public:
  TableChecker(const RuleView& rules, const TableDefinition& definition, const SourceTraits& source,
               base::Problems& problems)
      : rules_(rules),
        definition_(definition),
        source_(source),
        name_{definition.database, definition.table},
        rule_(rules.find(name_)),
        problems_(problems) {}

  TableReport check();

 private:
  void check_column(std::size_t index, ColumnReport& report);
  void check_replacement(const ColumnDefinition& column, const Action& action, ColumnReport& report);
  void warn_of_few_values(const ColumnDefinition& column, const Action& action);
  void check_copies();
  void refuse_columns(const base::Error& error);
  [[nodiscard]] std::string action_text(std::size_t index) const;
  [[nodiscard]] const ColumnRule* rule_of(const std::string& column) const {
    return rule_ != nullptr ? rule_->find(column) : nullptr;
  }
  void add(Severity severity, const std::string& column, std::string what, std::string remedy);

  const RuleView& rules_;
  const TableDefinition& definition_;
  const SourceTraits& source_;
  sql::TableName name_;
  const TableRule* rule_;
  base::Problems& problems_;
  std::vector<ColumnPlan> plans_;
};

void TableChecker::add(Severity severity, const std::string& column, std::string what, std::string remedy) {
  base::Problem problem;
  problem.severity = severity;
  problem.key = base::Subject(fmt::format("table {}.{}", definition_.database, definition_.table)).text();
  const ColumnRule* column_rule = column.empty() ? nullptr : rule_of(column);
  if (rule_ != nullptr) {
    problem.file = rule_->file;
    problem.line = column_rule != nullptr ? column_rule->line : rule_->line;
  }
  if (!column.empty()) problem.key += ", column " + base::Subject(column).text();
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  problems_.push_back(std::move(problem));
}

TableReport TableChecker::check() {
  TableReport report{definition_.database, definition_.table, false, {}, {}};
  if (const auto followed = rules_.follows(name_)) report.follows = followed->database + "." + followed->table;
  const bool named_to_leave = rules_.table_leaves(name_) && !follows_without_columns(rules_, definition_);
  if (named_to_leave && definition_.sequence && rule_ != nullptr) {
    add(Severity::warning, "", "is a sequence, which does not leave",
        "make the sequence at the replica by hand if it is needed");
  }
  report.leaves = named_to_leave && !definition_.sequence;
  for (const ColumnDefinition& column : definition_.columns) {
    report.columns.push_back({column.name, declared_text(column), "drop (the table does not leave)", {}});
  }
  if (!report.leaves) return report;
  base::Result<std::vector<ColumnPlan>> plans = column_plans(rules_, definition_);
  if (!plans) {
    refuse_columns(plans.error());
    for (ColumnReport& column : report.columns) column.action = "halt (see the problems)";
    return report;
  }
  plans_ = std::move(*plans);
  for (std::size_t i = 0; i < plans_.size(); ++i) check_column(i, report.columns[i]);
  const bool nothing =
      std::ranges::all_of(plans_, [](const ColumnPlan& plan) { return plan.action.kind == ActionKind::drop; });
  if (nothing) {
    add(Severity::error, "", "no column of the table is left",
        "keep a column, or drop every column by rule and by column_default so that the table does not leave");
  }
  if (sql::shows_rows_of_others(definition_.engine)) {
    add(Severity::error, "",
        "shows the rows of other tables, or of other servers: the replica's would have nothing behind it",
        "let the table not leave: its rows leave with the tables that hold them");
  }
  check_copies();
  check_keys(rules_, definition_, plans_, source_, problems_);
  return report;
}

// column_plans() stops at the first column; an operator wants all of them.
void TableChecker::refuse_columns(const base::Error& error) {
  if (rules_.ambiguous(name_)) {
    add(Severity::error, "", std::string(error.what()), std::string(error.remedy()));
    return;
  }
  for (const ColumnDefinition& column : definition_.columns) {
    TableDefinition single = definition_;
    single.columns = {column};
    single.columns.front().depends_on.clear();
    const auto plans = column_plans(rules_, single);
    if (plans) continue;
    add(Severity::error, column.name, std::string(plans.error().what()), std::string(plans.error().remedy()));
  }
}

std::string TableChecker::action_text(std::size_t index) const {
  const ColumnDefinition& column = definition_.columns[index];
  const ColumnPlan& plan = plans_[index];
  const std::string by_default = plan.by_default ? " (by default)" : "";
  switch (plan.action.kind) {
    case ActionKind::keep:
      return column.implicit ? "keep (made by the server)" : "keep" + by_default;
    case ActionKind::null:
      return column.nullable ? "null" : fmt::format("null (stored as {})", zero_text(column, source_.flavor));
    case ActionKind::constant:
      return "constant";
    case ActionKind::drop:
      break;
    default:
      return computed_action_text(plan.action);
  }
  if (!plan.by_closure) return "drop" + by_default;
  return fmt::format("drop ({} {})", plan.refers_to.empty() ? "computed from" : "holds the values of",
                     base::Subject(closure_cause(plans_, definition_, index)).text());
}

void TableChecker::check_column(std::size_t index, ColumnReport& report) {
  const ColumnDefinition& column = definition_.columns[index];
  const ColumnPlan& plan = plans_[index];
  report.action = action_text(index);
  const ColumnRule* named = rule_of(column.name);
  if (plan.by_closure && named != nullptr && named->action.kind == ActionKind::keep) {
    add(Severity::warning, column.name,
        fmt::format("is to be kept, but is computed from {}, which does not keep its values: it is dropped",
                    base::Subject(closure_cause(plans_, definition_, index)).text()),
        "drop the column by rule, so that the rules say what happens");
  }
  if (definition_.system_versioned && column.row_period && plan.action.kind != ActionKind::keep) {
    add(Severity::error, column.name, "is a period column of system versioning, and does not keep its values",
        "keep both period columns, or let the table not leave");
  }
  const bool replaced = plan.action.replaces();
  if (replaced) check_replacement(column, plan.action, report);
  if (plan.action.computes() && source_.minimal_row_image) {
    add(Severity::error, column.name,
        "has values made of the source's, while binlog_row_image is MINIMAL: rows that are inserted may lack its "
        "default",
        "set binlog_row_image = FULL, or drop the column");
  }
  if (replaced && column.auto_increment && !effect_of(plan.action, column).distinct) {
    add(Severity::error, column.name, "an AUTO_INCREMENT column cannot have its values replaced",
        "keep or drop the column");
  }
  const auto type = column_type_of(column, source_.flavor);
  if (!type) add(Severity::error, column.name, std::string(type.error().what()), std::string(type.error().remedy()));
}

void TableChecker::check_replacement(const ColumnDefinition& column, const Action& action, ColumnReport& report) {
  const bool null = action.kind == ActionKind::null;
  if (null && column.nullable) return;
  const auto type = column_type_of(column, source_.flavor);
  if (!type) return;
  base::Buffer cell;
  const ColumnTraits traits = column_traits(column, *type, source_.flavor);
  if (action.computes()) {
    const base::Result<std::string> example = action_example(action, traits, column.collation, rules_.rules().keys());
    if (example) {
      report.example = *example;
      warn_of_few_values(column, action);
    } else {
      add(Severity::error, column.name, std::string(example.error().what()), std::string(example.error().remedy()));
    }
    return;
  }
  const auto encoded = null ? encode_zero_value(traits, cell) : encode_constant(traits, action.value, cell);
  if (encoded) return;
  add(Severity::error, column.name, std::string(encoded.error().what()), std::string(encoded.error().remedy()));
}

// A permutation of few values is soon known.
void TableChecker::warn_of_few_values(const ColumnDefinition& column, const Action& action) {
  if (action.kind != ActionKind::hash) return;
  const std::string& type = column.type;
  const bool few = type == "tinyint" || type == "smallint" || (type == "bit" && column.length.value_or(1) < 20) ||
                   (type == "decimal" && column.length.value_or(10) < 6) || action.encoding.starts_with("tinyint") ||
                   action.encoding.starts_with("smallint");
  if (!few) return;
  add(Severity::warning, column.name,
      "has fewer than a million possible values: who knows some rows can tell others by their pseudonyms",
      "nothing, if that is no harm; else drop the column");
}

// A foreign key's columns hold the same values as those that they refer to; one that a rule keeps leaves all the same.
void TableChecker::check_copies() {
  for (const sql::ForeignKeyDefinition& key : definition_.foreign_keys) {
    const sql::TableName parent = sql::parent_of(definition_, key);
    const TableRule* other = rules_.find(parent);
    for (std::size_t i = 0; other != nullptr && i < key.columns.size() && i < key.referenced_columns.size(); ++i) {
      const ColumnRule* source = other->find(key.referenced_columns[i]);
      const auto index = definition_.find(key.columns[i]);
      if (source == nullptr || source->action.kind == ActionKind::keep || !index) continue;
      if (plans_[*index].action.kind != ActionKind::keep) continue;
      add(Severity::warning, key.columns[i],
          base::Subject(fmt::format("holds the values of {}.{}, column {}, which a rule does not keep", parent.database,
                                    parent.table, key.referenced_columns[i]))
              .text(),
          "drop this column too, unless it may leave");
    }
  }
}

}  // namespace

TableReport check_table(const RuleView& rules, const TableDefinition& definition, const SourceTraits& source,
                        base::Problems& problems) {
  return TableChecker(rules, definition, source, problems).check();
}

}  // namespace relay::scrub_rules
