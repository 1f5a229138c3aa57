#include "scrub_rules/rule_set.h"

#include <algorithm>
#include <set>

#include "relay/base/sha256.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/name_pattern.h"

namespace relay::scrub_rules {

namespace {

std::string folded_name(std::string_view database, std::string_view table) {
  // A separator that no identifier may hold.
  return sql::folded(database) + '\0' + sql::folded(table);
}

// The rules' meaning as text: every field with its length, so that no two rule sets share one.
class CanonicalRules {
 public:
  void add(std::string_view field) { text_ += std::to_string(field.size()) + ':' + std::string(field) + ';'; }
  void add(unsigned number) { add(std::to_string(number)); }
  void add(const ColumnRule& column) {
    add(sql::folded(column.name));
    add(static_cast<unsigned>(column.action.kind));
    const Action& action = column.action;
    add(action.value);
    if (!action.computes()) return;
    add(action.key);
    add(action.encoding);
    add(action.length ? std::to_string(*action.length) : std::string());
    add(static_cast<unsigned>(action.fold));
    for (const std::uint32_t number : {action.keep_first, action.keep_last, action.prefix4, action.prefix6})
      add(number);
    add(action.with);
    add(action.to);
    if (action.kind == ActionKind::redact) add(static_cast<unsigned>(action.patterns.size()));
    for (const std::string& pattern : action.patterns) add(pattern);
    for (const auto* paths : {&action.keep, &action.remove}) {
      if (action.kind == ActionKind::json) add(static_cast<unsigned>(paths->size()));
      for (const std::string& path : *paths) add(path);
    }
    if (action.keyed()) keys_used_.insert(action.key);
  }
  void add(const TableRule& rule) {
    add(rule.database);
    add(rule.table);
    add(static_cast<unsigned>(rule.column_default));
    std::vector<const ColumnRule*> columns;
    for (const ColumnRule& column : rule.columns) columns.push_back(&column);
    std::ranges::sort(columns, {}, [](const ColumnRule* column) { return sql::folded(column->name); });
    add(static_cast<unsigned>(columns.size()));
    for (const ColumnRule* column : columns) add(*column);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::set<std::string>& keys_used() const { return keys_used_; }

 private:
  std::string text_;
  std::set<std::string> keys_used_;
};

}  // namespace

const ColumnRule* TableRule::find(std::string_view column) const {
  const auto found =
      std::ranges::find_if(columns, [&](const ColumnRule& rule) { return sql::equal_names(rule.name, column); });
  return found == columns.end() ? nullptr : &*found;
}

bool TableRule::leaves() const {
  return column_default != ColumnDefault::drop ||
         std::ranges::any_of(columns, [](const ColumnRule& column) { return column.action.kind != ActionKind::drop; });
}

void RuleSet::index_names() {
  exact_.clear();
  patterns_.clear();
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const TableRule& rule = tables_[i];
    if (has_wildcard(rule.database) || has_wildcard(rule.table)) {
      patterns_.push_back(i);
    } else {
      exact_[folded_name(rule.database, rule.table)].push_back(i);
    }
  }
}

RuleSet::Matches RuleSet::exact_matches(std::string_view database, std::string_view table, bool fold_case) const {
  Matches matches;
  const auto found = exact_.find(folded_name(database, table));
  if (found == exact_.end()) return matches;
  for (const std::size_t i : found->second) {
    if (fold_case || (tables_[i].database == database && tables_[i].table == table)) matches.push_back(i);
  }
  return matches;
}

RuleSet::Matches RuleSet::pattern_matches(std::string_view database, std::string_view table, bool fold_case) const {
  Matches best;
  if (is_system_schema(database)) return best;
  for (const std::size_t i : patterns_) {
    const TableRule& rule = tables_[i];
    if (!name_matches(rule.database, database, fold_case) || !name_matches(rule.table, table, fold_case)) continue;
    prefer_exact(best, {i});
  }
  return best;
}

void RuleSet::prefer_exact(Matches& best, const Matches& more) const {
  if (more.empty()) return;
  const auto exactness = [this](const Matches& matches) {
    return Exactness::of(tables_[matches.front()].database, tables_[matches.front()].table);
  };
  if (best.empty() || exactness(more).beats(exactness(best))) {
    best = more;
  } else if (!exactness(best).beats(exactness(more))) {
    for (const std::size_t i : more) {
      if (std::ranges::find(best, i) == best.end()) best.push_back(i);
    }
  }
}

RuleSet::Matches RuleSet::base_matches(std::string_view database, const ShadowName& shadow, bool fold_case) const {
  Matches best;
  for (const std::string& base : shadow.bases) prefer_exact(best, best_matches(database, base, fold_case));
  if (!shadow.cut) return best;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const TableRule& rule = tables_[i];
    const bool begins = !has_wildcard(rule.table) && std::ranges::any_of(shadow.bases, [&](const std::string& base) {
      return name_matches(base + "*", rule.table, fold_case);
    });
    const bool in_database =
        is_system_schema(database) ? rule.database == database : name_matches(rule.database, database, fold_case);
    if (begins && in_database) prefer_exact(best, {i});
  }
  return best;
}

RuleSet::Matches RuleSet::best_matches(std::string_view database, std::string_view table, bool fold_case) const {
  Matches exact = exact_matches(database, table, fold_case);
  if (!exact.empty()) return exact;
  const std::optional<ShadowName> shadow = shadow_name(table);
  if (!shadow) return pattern_matches(database, table, fold_case);
  if (shadow->role == ShadowName::Role::journal) return {};
  return base_matches(database, *shadow, fold_case);
}

bool RuleSet::names(std::string_view database, std::string_view table, bool fold_case) const {
  return !exact_matches(database, table, fold_case).empty();
}

std::optional<std::string> RuleSet::followed(std::string_view database, std::string_view table, bool fold_case) const {
  const std::optional<ShadowName> shadow = shadow_name(table);
  if (!shadow || shadow->role != ShadowName::Role::copy || names(database, table, fold_case)) return std::nullopt;
  const TableRule* rule = find(database, table, fold_case);
  for (const std::string& base : shadow->bases) {
    if (find(database, base, fold_case) == rule) return base;
  }
  return rule != nullptr ? rule->table : shadow->bases.front();
}

const TableRule* RuleSet::find(std::string_view database, std::string_view table, bool fold_case) const {
  const std::vector<std::size_t> best = best_matches(database, table, fold_case);
  return best.empty() ? nullptr : &tables_[best.front()];
}

bool RuleSet::ambiguous(std::string_view database, std::string_view table, bool fold_case) const {
  return best_matches(database, table, fold_case).size() > 1;
}

bool RuleSet::table_leaves(std::string_view database, std::string_view table, bool fold_case) const {
  const TableRule* rule = find(database, table, fold_case);
  if (rule != nullptr) return rule->leaves();
  if (table_default_ != TableDefault::pass || is_system_schema(database)) return false;
  const std::optional<ShadowName> shadow = shadow_name(table);
  return !shadow || shadow->role != ShadowName::Role::journal;
}

bool RuleSet::database_leaves(std::string_view database, bool fold_case) const {
  const bool system = is_system_schema(database);
  if (table_default_ == TableDefault::pass && !system) return true;
  return std::ranges::any_of(tables_, [&](const TableRule& rule) {
    if (system && (has_wildcard(rule.database) || has_wildcard(rule.table))) return false;
    return rule.leaves() && name_matches(rule.database, database, fold_case);
  });
}

std::string RuleSet::digest() const {
  CanonicalRules text;
  text.add("binlog-relay rules 2");
  text.add(static_cast<unsigned>(table_default_));
  text.add(static_cast<unsigned>(column_default_));
  text.add(static_cast<unsigned>(data_statements_));
  std::vector<const TableRule*> rules;
  for (const TableRule& rule : tables_) rules.push_back(&rule);
  std::ranges::sort(rules, {}, [](const TableRule* rule) { return std::pair(rule->database, rule->table); });
  for (const TableRule* rule : rules) text.add(*rule);
  for (const std::string& name : text.keys_used()) {
    text.add(name);
    text.add(keys_.fingerprint(name));
  }
  return base::sha256_hex({base::ByteView::of(text.text())});
}

}  // namespace relay::scrub_rules
