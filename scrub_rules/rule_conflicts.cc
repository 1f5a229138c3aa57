#include "scrub_rules/rule_conflicts.h"

#include <fmt/format.h>

#include <unordered_map>

#include "relay/sql/character_set.h"
#include "scrub_rules/name_pattern.h"

namespace relay::scrub_rules {

namespace {

bool is_pattern(const TableRule& rule) { return has_wildcard(rule.database) || has_wildcard(rule.table); }

void add(const TableRule& rule, std::string what, std::string remedy, base::Problems& problems) {
  base::Problem problem;
  problem.file = rule.file;
  problem.line = rule.line;
  problem.key = "table " + base::Subject(rule.name()).text();
  problem.what = std::move(what);
  problem.remedy = std::move(remedy);
  problems.push_back(std::move(problem));
}

}  // namespace

void check_conflicts(const std::vector<TableRule>& rules, bool fold_case, base::Problems& problems) {
  std::unordered_map<std::string, const TableRule*> names;
  std::vector<const TableRule*> patterns;
  for (const TableRule& rule : rules) {
    // The separator is no character of an identifier.
    const std::string name = rule.database + '\0' + rule.table;
    const auto [entry, inserted] = names.try_emplace(fold_case ? sql::folded(name) : name, &rule);
    if (!inserted) {
      add(rule, fmt::format("is ruled a second time (first in {}:{})", entry->second->file, entry->second->line),
          "join both into one [[table]]", problems);
    } else if (is_pattern(rule)) {
      patterns.push_back(&rule);
    }
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const TableRule& rule = *patterns[i];
    for (std::size_t j = 0; j < i; ++j) {
      const TableRule& other = *patterns[j];
      if (!(Exactness::of(rule.database, rule.table) == Exactness::of(other.database, other.table))) continue;
      if (!patterns_overlap(rule.database, other.database, fold_case)) continue;
      if (!patterns_overlap(rule.table, other.table, fold_case)) continue;
      add(rule, fmt::format("is as exact as the name in {}:{}, and some tables fit both", other.file, other.line),
          "make one of the names more exact", problems);
    }
  }
}

}  // namespace relay::scrub_rules
