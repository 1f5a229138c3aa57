#pragma once

#include <cstddef>
#include <string_view>

#include "relay/base/ascii.h"

// What detectors ask about single characters of a text.
namespace relay::scrub_rules {

[[nodiscard]] constexpr bool is_word(char c) { return base::is_digit(c) || base::is_letter(c); }

// '\0' behind the end.
[[nodiscard]] constexpr char at(std::string_view text, std::size_t place) {
  return place < text.size() ? text[place] : '\0';
}

}  // namespace relay::scrub_rules
