#pragma once

#include <string_view>
#include <vector>

#include "scrub_rules/detectors.h"

namespace relay::scrub_rules {

// Appends the addresses of mail in a text: what stands around an @.
void detect_emails(std::string_view text, std::vector<TextSpan>& into);

}  // namespace relay::scrub_rules
