#pragma once

#include <string>
#include <vector>

#include "relay/sql/ddl.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// What other rules would mean for replicas that follow already: they keep the tables that the old ones gave them, so
// every column must go on being treated as it was. A table may cease to leave, by a rule that says so.
struct RulesComparison {
  std::vector<std::string> refusals;  // one for each table or column, with the reason; empty: replicas stay right
  std::vector<sql::TableName> no_longer_leaving;
};

// `source_databases`, `source_tables`: those that the source has now, for what left under neither rules and is in no
// history.
[[nodiscard]] RulesComparison compare_rules(const RuleSet& before, const RuleSet& after, const SchemaHistory& history,
                                            const std::vector<std::string>& source_databases,
                                            const std::vector<sql::TableName>& source_tables, bool fold_case);

}  // namespace relay::scrub_rules
