#pragma once

#include <string>

#include "relay/seed/snapshot_schema.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// Stands for a table's definition at the source, for when it was made, and for what the rules make of each of its
// columns: rows that were read of a table with one mark are right for one with the same. A digest.
[[nodiscard]] std::string mark_of_rows(const SnapshotTable& table, const scrub_rules::RuleView& rules);

}  // namespace relay::seed
