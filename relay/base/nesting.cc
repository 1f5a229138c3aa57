#include "relay/base/nesting.h"

#include <cstddef>

namespace relay::base {

// Far more than a person writes, far less than a stack holds.
constexpr std::size_t kMaximumDots = 1000;
constexpr std::size_t kMaximumDepth = 100;

bool may_be_deep_toml(std::string_view text) {
  std::size_t dots = 0;
  for (const char c : text) {
    if (c == '\n') dots = 0;
    if (c == '.' && ++dots > kMaximumDots) return true;
  }
  return false;
}

bool is_deep_json(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaximumDepth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace relay::base
