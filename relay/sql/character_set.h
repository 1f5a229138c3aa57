#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/result.h"

namespace relay::sql {

// How the bytes of a client's character set can be read.
enum class ClientEncoding : std::uint8_t {
  utf8,        // utf8mb3 and utf8mb4
  latin1,      // the server's latin1: cp1252 with the five holes filled
  other_safe,  // every byte below 0x80 is that ASCII character, but the rest is not understood here
  ascii_only,  // a byte below 0x80 may be half of a character (sjis, gbk, big5 ...), so only pure ASCII is certain
  unreadable,  // not a superset of ASCII (ucs2, utf16, utf32, swe7)
};

// By the collation id of the server (mysys/charset-def.c); MariaDB's NO PAD and UCA 14.0.0 ranges are known.
[[nodiscard]] ClientEncoding client_encoding(std::uint16_t collation_id);

void append_latin1_as_utf8(std::string_view text, std::string& into);
// Nothing when a character is not in latin1.
[[nodiscard]] std::optional<std::string> utf8_to_latin1(std::string_view text);
[[nodiscard]] bool is_ascii(std::string_view text);

// Whether `name`, in lower case, is a character set of a server, so that _name'..' is an introducer.
[[nodiscard]] bool is_character_set(std::string_view name);
// "utf8" and "utf8mb3" become "utf8mb3"; everything in lower case.
[[nodiscard]] std::string canonical_character_set(std::string_view name);
[[nodiscard]] std::string canonical_collation(std::string_view name);
// Empty when the name tells none (MariaDB's uca1400_ai_ci).
[[nodiscard]] std::string character_set_of_collation(std::string_view collation);
// Empty where it depends on the server's version or settings (utf8mb4, and MariaDB's character_set_collations).
[[nodiscard]] std::string default_collation(std::string_view character_set);
[[nodiscard]] std::string binary_collation(std::string_view character_set);
// The longest character in bytes; 4 when the set is not known.
[[nodiscard]] std::uint32_t maximum_bytes(std::string_view character_set);

// Lower case as the servers fold identifiers: letter by letter, accents stay. A folded letter may be shorter.
[[nodiscard]] std::string folded(std::string_view name);
// Equality of column, index and constraint names.
[[nodiscard]] bool equal_names(std::string_view a, std::string_view b);

}  // namespace relay::sql
