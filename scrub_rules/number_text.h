#pragma once

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "relay/base/buffer.h"

namespace relay::scrub_rules {

// Appends an integer, or the shortest text that gives the same double back.
template <typename Number>
void append_number(Number number, base::Buffer& into) {
  std::array<char, 40> text;
  const auto* const end = fmt::format_to(text.data(), "{}", number);
  into.append(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace relay::scrub_rules
