#pragma once

#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "scrub_rules/action.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/key_ring.h"

namespace relay::scrub_rules {

// What an action does to an invented value of the column, for `check`: "'Kari Nordmann' -> 'K************'". REQUIRES
// and errors: as make_cell_action().
[[nodiscard]] base::Result<std::string> action_example(const Action& action, const ColumnTraits& column,
                                                       std::string_view collation, const KeyRing& keys);
// "hash (key person)", "mask", "date (to month)" ...
[[nodiscard]] std::string computed_action_text(const Action& action);

}  // namespace relay::scrub_rules
