#pragma once

#include <string_view>
#include <vector>

#include "scrub_rules/detectors.h"

namespace relay::scrub_rules {

// Appends the addresses with a user or password in them, whole: up to the next space, quote or angle bracket.
void detect_urls(std::string_view text, std::vector<TextSpan>& into);

}  // namespace relay::scrub_rules
