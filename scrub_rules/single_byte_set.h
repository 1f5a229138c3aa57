#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/byte_view.h"

namespace relay::scrub_rules {

// The characters of a set of one byte each (all but latin1 and ascii), as the servers read and write them.
class SingleByteSet {
 public:
  [[nodiscard]] static bool has(std::string_view character_set);
  // Nothing where this system cannot convert from the set. REQUIRES: has(character_set).
  [[nodiscard]] static std::optional<SingleByteSet> make(std::string_view character_set);

  // Appends the text in UTF-8; false, and `into` stays, where a byte is no character, or UTF-8 does not come back to
  // it.
  [[nodiscard]] bool append_utf8(base::ByteView bytes, std::string& into) const;
  // Nothing where a character is not in the set.
  [[nodiscard]] std::optional<std::string> from_utf8(std::string_view utf8) const;

 private:
  SingleByteSet() = default;

  std::array<char16_t, 256> letters_{};  // by byte; no two alike but those that are none
};

}  // namespace relay::scrub_rules
