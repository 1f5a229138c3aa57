#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "relay/sql/character_set.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/nearest_word.h"
#include "scrub_rules/rule_conflicts.h"
#include "scrub_rules/table_check.h"

namespace relay::scrub_rules {

namespace {

using sql::TableDefinition;
using Definitions = std::vector<const TableDefinition*>;

bool fits(const TableRule& rule, const TableDefinition& table, bool fold_case) {
  return name_matches(rule.database, table.database, fold_case) && name_matches(rule.table, table.table, fold_case);
}

base::Problem about(const TableRule& rule, std::uint32_t line) {
  base::Problem problem;
  problem.file = rule.file;
  problem.line = line;
  problem.key = "table " + base::Subject(rule.name()).text();
  return problem;
}

std::string remedy_for_table(const TableRule& rule, const Definitions& tables, bool fold_case) {
  const auto same = [&](const TableDefinition* table) { return fits(rule, *table, true); };
  if (const auto found = std::ranges::find_if(tables, same); !fold_case && found != tables.end()) {
    return base::Subject(
               fmt::format("the source tells capitals apart: write {}.{}", (*found)->database, (*found)->table))
        .text();
  }
  std::vector<std::string> names;
  for (const TableDefinition* table : tables) names.push_back(table->database + "." + table->table);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = nearest_word(rule.name(), views);
  if (nearest.empty()) return "correct the name, or add optional = true";
  return base::Subject(fmt::format("did you mean {}? Else add optional = true", nearest)).text();
}

void check_rule_without_table(const TableRule& rule, const Definitions& tables, bool fold_case,
                              base::Problems& problems) {
  base::Problem problem = about(rule, rule.line);
  const bool overruled =
      std::ranges::any_of(tables, [&](const TableDefinition* table) { return fits(rule, *table, fold_case); });
  problem.what = overruled ? "every table of the source that it fits has a more exact rule, or is the server's own"
                           : "fits no table of the source";
  problem.remedy = overruled ? "remove it, or add optional = true" : remedy_for_table(rule, tables, fold_case);
  problems.push_back(std::move(problem));
}

void check_columns(const TableRule& rule, const Definitions& tables, base::Problems& problems) {
  for (const ColumnRule& column : rule.columns) {
    const auto has_column = [&](const TableDefinition* table) {
      return std::ranges::any_of(table->columns, [&](const sql::ColumnDefinition& candidate) {
        return sql::equal_names(candidate.name, column.name);
      });
    };
    if (column.optional || std::ranges::any_of(tables, has_column)) continue;
    base::Problem problem = about(rule, column.line);
    problem.key += ", column " + base::Subject(column.name).text();
    problem.what =
        tables.size() == 1 ? "the table has no such column" : "no table that the rule fits has such a column";
    std::vector<std::string_view> names;
    for (const sql::ColumnDefinition& candidate : tables.front()->columns) names.push_back(candidate.name);
    const std::string_view nearest = nearest_word(column.name, names);
    problem.remedy = nearest.empty() ? "correct the name, or write { action = ..., optional = true }"
                                     : base::Subject(fmt::format("did you mean {}?", nearest)).text();
    problems.push_back(std::move(problem));
  }
}

}  // namespace

void check_unmatched(const RuleSet& rules, const std::vector<TableDefinition>& tables, bool fold_case,
                     base::Problems& problems, const std::vector<sql::TableName>* held_back) {
  if (fold_case) check_conflicts(rules.tables(), true, problems);
  // Of tables that are held back only the names are known.
  std::vector<TableDefinition> named;
  for (const sql::TableName& name : held_back != nullptr ? *held_back : std::vector<sql::TableName>()) {
    named.emplace_back();
    named.back().database = name.database;
    named.back().table = name.table;
  }
  Definitions all;
  for (const TableDefinition& table : tables) all.push_back(&table);
  for (const TableDefinition& table : named) all.push_back(&table);
  std::unordered_map<const TableRule*, Definitions> ruled;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const TableRule* rule = rules.find(all[i]->database, all[i]->table, fold_case);
    if (rule != nullptr && (i < tables.size() || !rule->leaves())) ruled[rule].push_back(all[i]);
  }
  for (const TableRule& rule : rules.tables()) {
    const auto found = ruled.find(&rule);
    if (found != ruled.end()) {
      if (rule.leaves()) check_columns(rule, found->second, problems);
    } else if (!rule.optional && (rule.leaves() || held_back != nullptr)) {
      check_rule_without_table(rule, all, fold_case, problems);
    }
  }
}

}  // namespace relay::scrub_rules
