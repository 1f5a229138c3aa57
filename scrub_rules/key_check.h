#pragma once

#include <vector>

#include "relay/base/problem.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"
#include "scrub_rules/table_check.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

// Judges what the rules do to the keys of a table that leaves: errors where a replica could not find rows any more,
// warnings for keys, checks and partitions that its table will lack. `plans` runs parallel to definition.columns.
void check_keys(const RuleView& rules, const sql::TableDefinition& definition, const std::vector<ColumnPlan>& plans,
                const SourceTraits& source, base::Problems& problems);

}  // namespace relay::scrub_rules
