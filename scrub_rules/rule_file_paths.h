#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/base/problem.h"

namespace relay::scrub_rules {

// The files that a pattern names, sorted; * and ? may stand in the file name, not in the directory. A hidden file needs
// its dot written. Empty when there is none, with the problem added to `problems`.
[[nodiscard]] std::vector<std::string> expand_file_pattern(const std::string& pattern,
                                                           const std::string& base_directory, base::Problems& problems);

}  // namespace relay::scrub_rules
