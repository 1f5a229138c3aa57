#pragma once

#include <cstdint>

#include "relay/base/problem.h"
#include "relay/sql/statement_tree.h"
#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

// A trigger that uses a column which does not keep its values, and writes to a table that leaves. An error where the
// text shows the value itself going into a column that keeps its values; else a warning. Where only the data could show
// it (INSERT ... SELECT, an application that writes twice) nothing is found. `catalog` has the tables that leave: all,
// or those that there are so far, and a table that a trigger writes to is still to come (a dump makes triggers right
// behind their own).
enum class Knows : std::uint8_t { all_tables, tables_so_far };
void check_trigger(const RuleView& rules, const sql::TriggerStatement& trigger, const sql::Catalog& catalog,
                   Knows knows, base::Problems& problems);

}  // namespace relay::scrub_rules
