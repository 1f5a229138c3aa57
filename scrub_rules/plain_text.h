#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scrub_rules/detectors.h"

namespace relay::scrub_rules {

// Stands in a plain text for a character without width: detectors take it for a separator in numbers, and for a letter
// elsewhere. UTF-8 has no character that begins so.
inline constexpr char kNoWidth = '\x80';

// A copy of a text in which the spaces, hyphens and wide forms that Unicode has beside those of ASCII are the
// characters of ASCII, so that each detector knows one form alone.
class PlainText {
 public:
  explicit PlainText(std::string_view utf8);
  // As long as this object lives.
  [[nodiscard]] std::string_view view() const { return plain_; }
  // Where what stands in the copy is in the text.
  [[nodiscard]] TextSpan in_text(TextSpan span) const { return {in_text(span.begin), in_text(span.end)}; }

 private:
  // From `plain` on, the copy is `shorter` bytes behind the text.
  struct Shift {
    std::size_t plain;
    std::size_t shorter;
  };

  [[nodiscard]] std::size_t in_text(std::size_t plain) const;

  std::string plain_;
  std::vector<Shift> shifts_;
};

}  // namespace relay::scrub_rules
