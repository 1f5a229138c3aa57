#pragma once

#include <vector>

#include "relay/base/problem.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {

// Rules of which two are equally exact for some table: the same name twice, or patterns that share names. With
// `fold_case` names are compared without regard to case, which only a source with lower_case_table_names > 0 asks for.
void check_conflicts(const std::vector<TableRule>& rules, bool fold_case, base::Problems& problems);

}  // namespace relay::scrub_rules
