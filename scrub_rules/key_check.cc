#include "scrub_rules/key_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "relay/sql/character_set.h"
#include "scrub_rules/pseudonym_form.h"
#include "scrub_rules/rule_file_words.h"

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
  // What the rules make of a column that leaves with other values.
  [[nodiscard]] ActionEffect effect(const std::string& column) const;
  // Whether rows that differ in a part of an index differ in it at the replica, but for what a digest leaves to chance.
  [[nodiscard]] bool stays_distinct(const IndexDefinition& index, const sql::IndexPart& part) const;
  [[nodiscard]] bool agrees(const std::string& column, const sql::TableName& parent,
                            const std::string& referenced) const;
  void check_collisions(const IndexDefinition& index);
  void warn_of_other_texts(const IndexDefinition& index, const sql::IndexPart& part);
  void add(Severity severity, const std::string& column, std::string what, std::string remedy);
  void missing(std::string_view kind, const std::string& name, const std::string& column);

  const RuleView& rules_;
  const TableDefinition& definition_;
  const std::vector<ColumnPlan>& plans_;
  const SourceTraits& source_;
  const TableRule* rule_;
  base::Problems& problems_;
};

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

ActionEffect KeyChecker::effect(const std::string& column) const {
  const std::optional<std::size_t> index = definition_.find(column);
  if (!index || !plans_[*index].action.replaces()) return {};
  return effect_of(plans_[*index].action, definition_.columns[*index]);
}

bool KeyChecker::stays_distinct(const IndexDefinition& index, const sql::IndexPart& part) const {
  if (part.column.empty()) return false;
  const ColumnPlan* plan = plan_of(part.column);
  if (plan != nullptr && plan->action.kind == ActionKind::keep) return true;
  return effect(part.column).distinct && !part.prefix && !index.hash && index.without_overlaps.empty();
}

// What is no number has a digest in the room that the column has.
void KeyChecker::warn_of_other_texts(const IndexDefinition& index, const sql::IndexPart& part) {
  constexpr std::uint32_t kEnoughCharacters = 18;
  const std::optional<std::size_t> at = definition_.find(part.column);
  if (!at || !plans_[*at].action.keyed() || part.prefix) return;
  const Action& action = plans_[*at].action;
  const sql::ColumnDefinition& column = definition_.columns[*at];
  const bool permuted = action.kind == ActionKind::digits || !action.encoding.empty();
  if (!permuted || effect(part.column).bits || !column.type.ends_with("char") ||
      column.length.value_or(1) >= kEnoughCharacters)
    return;
  add(Severity::warning, part.column,
      fmt::format("is part of {}, and too short for pseudonyms of texts that are no numbers: two of those could share "
                  "one, and stop the replica",
                  index.kind == IndexKind::primary ? "the primary key" : "the unique key " + printable(index.name)),
      "nothing, if the column holds numbers alone; else make it 18 characters or longer at the source");
}

// How likely it is that any two of a billion values share a digest of so many bits: (10^9)^2 / 2^(bits + 1).
std::string collision_chance(unsigned bits) {
  const double one_in = std::exp2(bits + 1) / 1e18;
  if (one_in < 2) return "all but certain";
  return one_in < 1e6 ? fmt::format("about 1 in {:.0f}", one_in)
                      : fmt::format("about 1 in {:.0f} million", one_in / 1e6);
}

void KeyChecker::check_collisions(const IndexDefinition& index) {
  for (const sql::IndexPart& part : index.parts) {
    const ActionEffect made = effect(part.column);
    warn_of_other_texts(index, part);
    if (!made.distinct || !made.may_collide() || part.prefix) continue;
    add(Severity::error, part.column,
        fmt::format("is part of {}, and its pseudonyms are too short: that two of a billion values share one is {}, "
                    "and then the "
                    "replica stops; 1 in 10^9 is the most",
                    index.kind == IndexKind::primary ? "the primary key" : "the unique key " + printable(index.name),
                    collision_chance(*made.bits)),
        "make the column longer at the source, write a greater length or another encoding (base32 needs 18 "
        "characters), or drop it");
  }
}

void KeyChecker::check_primary(const IndexDefinition& key) {
  check_collisions(key);
  for (const sql::IndexPart& part : key.parts) {
    const std::string& column = part.column;
    if (stays_distinct(key, part)) continue;
    const ColumnPlan* plan = plan_of(column);
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
    check_collisions(index);
    if (std::ranges::all_of(index.parts, [&](const sql::IndexPart& part) { return stays_distinct(index, part); }))
      return;
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
  const sql::TableName name = sql::parent_of(definition_, key);
  if (!rules_.table_leaves(name)) return false;
  const TableRule* parent = rules_.find(name);
  const ColumnDefault by_default = rules_.column_default(name);
  return std::ranges::all_of(key.referenced_columns, [&](const std::string& column) {
    const ColumnRule* named = parent != nullptr ? parent->find(column) : nullptr;
    return named != nullptr ? named->action.kind == ActionKind::keep : by_default == ColumnDefault::keep;
  });
}

// Whether both columns have the same pseudonyms for the same values. Both are of one type, or there were no such key;
// but numbers of some types may have other lengths.
bool KeyChecker::agrees(const std::string& column, const sql::TableName& parent, const std::string& referenced) const {
  const ColumnPlan* plan = plan_of(column);
  const TableRule* rule = rules_.find(parent);
  const ColumnRule* named = rule != nullptr ? rule->find(referenced) : nullptr;
  if (plan == nullptr || named == nullptr || plan->action != named->action || !rules_.table_leaves(parent))
    return false;
  if (plan->action.kind == ActionKind::keep) return true;
  const ActionEffect made = effect(column);
  if (!made.distinct || made.mapping.starts_with('~')) return false;
  const TableDefinition* const there = source_.tables != nullptr ? source_.tables->find(parent) : nullptr;
  const auto at = there != nullptr ? there->find(referenced) : std::nullopt;
  return !at || effect_of(named->action, there->columns[*at]).mapping == made.mapping;
}

void KeyChecker::check_foreign_key(const sql::ForeignKeyDefinition& key) {
  std::string lost = first_lost(key.columns);
  if (lost.empty() && parent_keeps(key)) return;
  const sql::TableName parent = sql::parent_of(definition_, key);
  bool all_agree = key.columns.size() == key.referenced_columns.size();
  for (std::size_t i = 0; all_agree && i < key.columns.size(); ++i) {
    all_agree = agrees(key.columns[i], parent, key.referenced_columns[i]);
  }
  if (all_agree) return;
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
