#pragma once

#include <string>
#include <string_view>

#include "scrub_rules/constant.h"

namespace relay::scrub_rules::testing {

// What stands in a literal: without quotes, escapes and the word before it.
[[nodiscard]] std::string unquoted(std::string_view literal);
// The literal of a cell that has its length in front, or "error: " and what is wrong.
[[nodiscard]] std::string literal_of(const ColumnTraits& traits, std::string_view cell);
// The value that a server sends for the cell.
[[nodiscard]] std::string sent(const ColumnTraits& traits, std::string_view cell);

}  // namespace relay::scrub_rules::testing
