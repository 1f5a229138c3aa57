#pragma once

#include "relay/source/schema_reader.h"
#include "scrub_rules/rule_set.h"

namespace relay::app {

// The rules' answers to the schema reader. `rules` must outlive the result.
[[nodiscard]] inline source::LeavingTables leaving_tables(const scrub_rules::RuleSet& rules,
                                                          const source::SourceFacts& facts) {
  const bool fold_case = facts.folds_case();
  // Then the source writes statements of its own that empty tables in memory (statement_policy.h).
  const bool empties_tables = facts.flavor == binlog::Flavor::mysql && facts.version_number < 80000;
  return {[&rules, fold_case](std::string_view database) { return rules.database_leaves(database, fold_case); },
          [&rules, fold_case](const sql::TableName& name) {
            return rules.table_leaves(name.database, name.table, fold_case);
          },
          empties_tables || rules.data_statements() == scrub_rules::DataStatements::drop_if_denied};
}

}  // namespace relay::app
