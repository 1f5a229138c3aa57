#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace relay::scrub_rules {

// A string of a JSON text with its quotes, as RFC 8259 has it.
struct JsonString {
  std::size_t end = 0;   // behind the closing quote
  bool escaped = false;  // some of its signs are written with a backslash
};

// The string that begins at `at`. None: there is none, it does not end, it holds control characters or escapes that
// there are not, or \u escapes that are half a character. REQUIRES: `text` is UTF-8.
[[nodiscard]] std::optional<JsonString> scan_json_string(std::string_view text, std::size_t at);
// Appends what stands between the quotes, escapes resolved, in UTF-8. REQUIRES: scan_json_string() took it.
void unescape_json_string(std::string_view inside, std::string& into);

}  // namespace relay::scrub_rules
