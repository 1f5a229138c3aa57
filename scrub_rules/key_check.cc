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

// From this version on MySQL logs the rows that a foreign key changes.
constexpr std::uint32_t kCascadesLogged = 90600;

class KeyChecker {
 public:
  KeyChecker(const RuleView& rules, const TableDefinition& definition, const std::vector<ColumnPlan>& plans,
             const SourceTraits& source, base::Problems& problems)
      : rules_(rules),
        definition_(definition),
        plans_(plans),
        source_(source),
        rule_(rules.find({definition.database, definition.table})),
        problems_(problems) {}

  void check();

 private:
  void check_primary(const IndexDefinition& key);
  void check_index(const IndexDefinition& index, bool finds_rows);
  void check_foreign_key(const sql::ForeignKeyDefinition& key);
  [[nodiscard]] bool is_dropped(const sql::IndexPart& part) const;
  [[nodiscard]] bool parent_keeps(const sql::ForeignKeyDefinition& key) const;
  [[nodiscard]] const IndexDefinition* row_key() const;
  [[nodiscard]] bool without_nulls(const IndexDefinition& index) const;
  [[nodiscard]] const ColumnPlan* plan_of(const std::string& column) const;
  // The first of the columns that does not keep its values; empty when all do.
  [[nodiscard]] std::string first_lost(const std::vector<std::string>& columns) const;
  [[nodiscard]] std::string first_lost(const IndexDefinition& index) const;
  void add(Severity severity, const std::string& column, std::string what, std::string remedy);
  void missing(std::string_view kind, const std::string& name, const std::string& column);

  const RuleView& rules_;
  const TableDefinition& definition_;
  const std::vector<ColumnPlan>& plans_;
  const SourceTraits& source_;
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
  if (index.kind == IndexKind::unique) {
    if (finds_rows && source_.minimal_row_image) {
      add(Severity::error, lost,
          "is part of the unique key by which rows are found, and does not keep its values, while binlog_row_image is "
          "MINIMAL",
          "keep the column, set binlog_row_image = FULL, or give the table a primary key");
    } else {
      missing("unique key", index.name, lost);
    }
    return;
  }
  // A plain index goes on over what is left of its columns, be their values replaced.
  const bool functional = std::ranges::any_of(index.parts, [this](const sql::IndexPart& part) {
    return part.column.empty() && !first_lost(part.depends_on).empty();
  });
  const auto left =
      std::ranges::count_if(index.parts, [this](const sql::IndexPart& part) { return !is_dropped(part); });
  if (functional || left == 0) {
    missing("index", index.name, lost);
  } else if (left < std::ranges::ssize(index.parts)) {
    add(Severity::warning, lost, fmt::format("the index {} will lack the column at the replica", printable(index.name)),
        "nothing, if the replica does without; else keep the column");
  }
}

bool KeyChecker::is_dropped(const sql::IndexPart& part) const {
  const ColumnPlan* plan = part.column.empty() ? nullptr : plan_of(part.column);
  return plan != nullptr && plan->action.kind == ActionKind::drop;
}

// As far as the rules alone tell: the closure of the other table is not known here.
bool KeyChecker::parent_keeps(const sql::ForeignKeyDefinition& key) const {
  const std::string& database = key.referenced_database.empty() ? definition_.database : key.referenced_database;
  const sql::TableName name{database, key.referenced_table};
  if (!rules_.table_leaves(name)) return false;
  const TableRule* parent = rules_.find(name);
  const ColumnDefault by_default = rules_.column_default(name);
  return std::ranges::all_of(key.referenced_columns, [&](const std::string& column) {
    const ColumnRule* named = parent != nullptr ? parent->find(column) : nullptr;
    return named != nullptr ? named->action.kind == ActionKind::keep : by_default == ColumnDefault::keep;
  });
}

void KeyChecker::check_foreign_key(const sql::ForeignKeyDefinition& key) {
  std::string lost = first_lost(key.columns);
  if (lost.empty() && parent_keeps(key)) return;
  if (lost.empty() && !key.columns.empty()) lost = key.columns.front();
  const auto changes = [](const std::string& action) {
    return action == "cascade" || action == "set null" || action == "set default";
  };
  const bool has_column = std::ranges::any_of(key.columns, [this](const std::string& column) {
    const ColumnPlan* plan = plan_of(column);
    return plan != nullptr && plan->action.kind != ActionKind::drop;
  });
  const bool silent = key.on_delete == "cascade" || (has_column && (changes(key.on_delete) || changes(key.on_update)));
  const bool logs_cascades = source_.flavor == binlog::Flavor::mysql && source_.version >= kCascadesLogged;
  if (!silent || logs_cascades) return missing("foreign key", key.name, lost);
  const bool certain = source_.version != 0 || source_.flavor == binlog::Flavor::mariadb;
  add(certain ? Severity::error : Severity::warning, lost,
      fmt::format("the foreign key {} changes rows without row events, and the replica cannot have it",
                  printable(key.name)),
      "let the parent table and the columns of the key leave, or let this table not leave");
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

void check_keys(const RuleView& rules, const TableDefinition& definition, const std::vector<ColumnPlan>& plans,
                const SourceTraits& source, base::Problems& problems) {
  KeyChecker(rules, definition, plans, source, problems).check();
}

}  // namespace relay::scrub_rules
