#pragma once

#include <string_view>
#include <vector>

#include "scrub_rules/detectors.h"

namespace relay::scrub_rules {

// Appends the addresses of IPv4 and IPv6 in a text. What may be one or not is one: logs write ports, times and names
// right before and behind addresses.
void detect_addresses(std::string_view text, std::vector<TextSpan>& into);

}  // namespace relay::scrub_rules
