#include "scrub_rules/key_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

using Severity = base::Problem::Severity;
using sql::IndexDefinition;
using sql::IndexKind;
using sql::TableDefinition;

class KeyChecker {
 public:
  KeyChecker(const RuleSet& rules, const TableDefinition& definition, const std::vector<ColumnPlan>& plans,
             bool fold_case, bool minimal_row_image, base::Problems& problems)
      : rules_(rules),
        definition_(definition),
        plans_(plans),
        fold_case_(fold_case),
        minimal_row_image_(minimal_row_image),
        rule_(rules.find(definition.database, definition.table, fold_case)),
        problems_(problems) {}

  void check();

 private:
  void check_primary(const IndexDefinition& key);
  void check_index(const IndexDefinition& index, bool finds_rows);
  void check_foreign_key(const sql::ForeignKeyDefinition& key);
  [[nodiscard]] const IndexDefinition* row_key() const;
  [[nodiscard]] bool without_nulls(const IndexDefinition& index) const;
  [[nodiscard]] const ColumnPlan* plan_of(const std::string& column) const;
  // The first of the columns that does not keep its values; empty when all do.
  [[nodiscard]] std::string first_lost(const std::vector<std::string>& columns) const;
  [[nodiscard]] std::string first_lost(const IndexDefinition& index) const;
  void add(Severity severity, const std::string& column, std::string what, std::string remedy);
  void missing(std::string_view kind, const std::string& name, const std::string& column);

  const RuleSet& rules_;
  const TableDefinition& definition_;
  const std::vector<ColumnPlan>& plans_;
  bool fold_case_;
  bool minimal_row_image_;
  const TableRule* rule_;
  base::Problems& problems_;
};

std::string printable(std::string_view name) { return base::Subject(name).text(); }

std::vector<std::string> columns_of(const IndexDefinition& index) {
  std::vector<std::string> columns;
  for (const sql::IndexPart& part : index.parts) {
    if (!part.column.empty()) columns.push_back(part.column);
    columns.insert(columns.end(), part.depends_on.begin(), part.depends_on.end());
  }
  return columns;
}

void KeyChecker::add(Severity severity, const std::string& column, std::string what, std::string remedy) {
  base::Problem problem;
  problem.severity = severity;
  problem.key = printable(fmt::format("table {}.{}", definition_.database, definition_.table));
  if (rule_ != nullptr) {
    const ColumnRule* named = rule_->find(column);
    problem.file = rule_->file;
    problem.line = named != nullptr ? named->line : rule_->line;
  }
  if (!column.empty()) problem.key += ", column " + printable(column);
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  problems_.push_back(std::move(problem));
}

void KeyChecker::missing(std::string_view kind, const std::string& name, const std::string& column) {
  const std::string named = name.empty() ? std::string(kind) : fmt::format("{} {}", kind, printable(name));
  add(Severity::warning, column, fmt::format("the {} will be missing at the replica", named),
      "nothing, if the replica does without; else keep the column");
}

const ColumnPlan* KeyChecker::plan_of(const std::string& column) const {
  const auto found = std::ranges::find_if(definition_.columns, [&](const sql::ColumnDefinition& candidate) {
    return sql::equal_names(candidate.name, column);
  });
  if (found == definition_.columns.end()) return nullptr;
  return &plans_[static_cast<std::size_t>(found - definition_.columns.begin())];
}

std::string KeyChecker::first_lost(const std::vector<std::string>& columns) const {
  const auto lost = std::ranges::find_if(columns, [this](const std::string& column) {
    const ColumnPlan* plan = plan_of(column);
    return plan == nullptr || plan->action.kind != ActionKind::keep;
  });
  return lost == columns.end() ? std::string() : *lost;
}

std::string KeyChecker::first_lost(const IndexDefinition& index) const { return first_lost(columns_of(index)); }

bool KeyChecker::without_nulls(const IndexDefinition& index) const {
  return std::ranges::all_of(index.parts, [this](const sql::IndexPart& part) {
    const auto found = std::ranges::find_if(definition_.columns, [&](const sql::ColumnDefinition& column) {
      return sql::equal_names(column.name, part.column);
    });
    return !part.prefix && found != definition_.columns.end() && !found->nullable;
  });
}

// The key by which the servers find rows: the primary key, else the first unique key without NULLs and prefixes
// (sql/table.cc).
const IndexDefinition* KeyChecker::row_key() const {
  const auto primary = std::ranges::find(definition_.indexes, IndexKind::primary, &IndexDefinition::kind);
  if (primary != definition_.indexes.end()) return &*primary;
  const auto unique = std::ranges::find_if(definition_.indexes, [this](const IndexDefinition& index) {
    return index.kind == IndexKind::unique && without_nulls(index);
  });
  return unique == definition_.indexes.end() ? nullptr : &*unique;
}

void KeyChecker::check_primary(const IndexDefinition& key) {
  for (const std::string& column : columns_of(key)) {
    const ColumnPlan* plan = plan_of(column);
    if (plan != nullptr && plan->action.kind == ActionKind::keep) continue;
    const bool dropped = plan == nullptr || plan->action.kind == ActionKind::drop;
    add(Severity::error, column,
        fmt::format("is part of the primary key, and {}: the replica could not find rows by it",
                    dropped ? "is dropped" : "has its values replaced"),
        "keep the column, or give the table another primary key at the source");
  }
}

void KeyChecker::check_index(const IndexDefinition& index, bool finds_rows) {
  const std::string lost = first_lost(index);
  if (lost.empty()) return;
  const bool unique = index.kind == IndexKind::unique;
  if (unique && finds_rows && minimal_row_image_) {
    add(Severity::error, lost,
        "is part of the unique key by which rows are found, and does not keep its values, while binlog_row_image is "
        "not FULL",
        "keep the column, set binlog_row_image = FULL, or give the table a primary key");
    return;
  }
  const ColumnPlan* plan = plan_of(lost);
  const bool dropped = plan == nullptr || plan->action.kind == ActionKind::drop;
  // An index over values that are replaced is still an index; a unique one would refuse the second row.
  if (!unique && !dropped) return;
  missing(unique ? "unique key" : "index", index.name, lost);
}

void KeyChecker::check_foreign_key(const sql::ForeignKeyDefinition& key) {
  const std::string lost = first_lost(key.columns);
  if (!lost.empty()) {
    missing("foreign key", key.name, lost);
    return;
  }
  const std::string& database = key.referenced_database.empty() ? definition_.database : key.referenced_database;
  if (!rules_.table_leaves(database, key.referenced_table, fold_case_)) {
    missing("foreign key", key.name, key.columns.empty() ? std::string() : key.columns.front());
  }
}

void KeyChecker::check() {
  const IndexDefinition* key = row_key();
  for (const IndexDefinition& index : definition_.indexes) {
    if (index.kind == IndexKind::primary) {
      check_primary(index);
    } else {
      check_index(index, &index == key);
    }
  }
  for (const sql::ForeignKeyDefinition& foreign : definition_.foreign_keys) check_foreign_key(foreign);
  for (const sql::CheckDefinition& check : definition_.checks) {
    const std::string lost = first_lost(check.depends_on);
    if (!lost.empty()) missing("check", check.name, lost);
  }
  const std::string lost = first_lost(definition_.partition_columns);
  if (!lost.empty()) missing("partitioning", "", lost);
}

}  // namespace

void check_keys(const RuleSet& rules, const TableDefinition& definition, const std::vector<ColumnPlan>& plans,
                bool fold_case, bool minimal_row_image, base::Problems& problems) {
  KeyChecker(rules, definition, plans, fold_case, minimal_row_image, problems).check();
}

}  // namespace relay::scrub_rules
