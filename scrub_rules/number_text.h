#pragma once

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string_view>

#include "relay/base/buffer.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

// Writes a number with at least `digits` digits, and returns where it ends. REQUIRES: `digits` is at most
// kDigitsOfWord, and there is room for 20.
inline char* write_padded(char* to, std::uint64_t number, std::size_t digits) {
  std::size_t count = digits;
  while (count < kDigitsOfWord && number >= kPowersOfTen[count]) ++count;
  for (std::size_t i = count; i > 0; --i, number /= 10) to[i - 1] = static_cast<char>('0' + number % 10);
  return to + count;
}

// Appends an integer, or the shortest text that gives the same double back.
template <typename Number>
void append_number(Number number, base::Buffer& into) {
  std::array<char, 40> text;
  const char* end = nullptr;
  if constexpr (std::integral<Number>) {
    end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  } else {
    end = fmt::format_to(text.data(), "{}", number);
  }
  into.append(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace relay::scrub_rules
