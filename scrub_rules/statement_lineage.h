#pragma once

#include <vector>

#include "scrub_rules/lineage.h"
#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

// What `statement` does to the lineage of tables, in order. A copy under a name that no [[table]] names keeps the rules
// of the table that it was made of, where it leaves at all: under a schema change tool's name, or by a [[table]] with
// wildcards or [defaults] table = "pass". `before` holds before the statement, `lineage` is its lineage and `catalog`
// the tables known then.
[[nodiscard]] std::vector<LineageChange> lineage_changes(const sql::Statement& statement, const sql::Catalog& catalog,
                                                         const RuleView& before, const Lineage& lineage);

}  // namespace relay::scrub_rules
