#pragma once

#include <string_view>

namespace relay::proof {

// No control statement is longer.
inline constexpr std::size_t kLongestControlStatement = 256;  // bytes

// Whether `text` is one of the fixed texts that divide transactions: BEGIN, COMMIT, ROLLBACK, savepoints named s1, s2
// ..., XA statements whose names are SHA-256 digests or empty, and the comment that stands for a statement that does
// not leave.
[[nodiscard]] bool is_control_statement(std::string_view text);

}  // namespace relay::proof
