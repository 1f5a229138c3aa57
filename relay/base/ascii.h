#pragma once

#include <string>

// Kinds of ASCII characters, whatever the locale.
namespace relay::base {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// Space, tab, line feed, vertical tab, form feed, carriage return.
[[nodiscard]] constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
[[nodiscard]] constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// For people to read at a terminal, whatever a name holds: each control character of UTF-8 text becomes '?'.
[[nodiscard]] inline std::string without_control(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    // U+0080 to U+009F, by which some terminals are told the same.
    const bool high = i > 0 && text[i - 1] == '\xc2' && static_cast<unsigned char>(text[i]) - 0x80U < 0x20U;
    if (high) text[i - 1] = '?';
    if (high || is_control(text[i])) text[i] = '?';
  }
  return text;
}

}  // namespace relay::base
