#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// The encoders behind encode_constant(), one for each family of types. Each gives the bytes of a cell without its
// length prefix. Errors: kind configuration, with a remedy and no byte of the value.

// TINYINT to BIGINT, FLOAT, DOUBLE, BIT and YEAR.
[[nodiscard]] base::Result<std::string> encode_integer(const ColumnTraits& column, std::size_t width,
                                                       std::string_view value);
[[nodiscard]] base::Result<std::string> encode_floating(const ColumnTraits& column, std::string_view value);
[[nodiscard]] base::Result<std::string> encode_bits(const ColumnTraits& column, std::string_view value);
[[nodiscard]] base::Result<std::string> encode_year(std::string_view value);
// The packed form of strings/decimal.cc, decimal2bin: nine digits in four bytes, big-endian, inverted when negative.
[[nodiscard]] base::Result<std::string> encode_decimal(const ColumnTraits& column, std::string_view value);

// DATE, TIME, DATETIME and TIMESTAMP in the format of MySQL 5.6 (sql-common/my_time.cc) and in the older ones: MySQL's
// without fractions, MariaDB's with column.type.metadata digits (sql/field.cc, Field_time_hires and its like).
[[nodiscard]] base::Result<std::string> encode_temporal(const ColumnTraits& column, std::string_view value);
// The same for what a table may hold and no rule may say: days that no calendar has, TIMESTAMP up to 2106.
[[nodiscard]] base::Result<std::string> encode_stored_temporal(const ColumnTraits& column, std::string_view value);

// CHAR, VARCHAR and TEXT in the column's character set.
[[nodiscard]] base::Result<std::string> encode_text(const ColumnTraits& column, std::string_view value);
// `utf8` in another character set; `character_set` empty: ASCII alone.
[[nodiscard]] base::Result<std::string> convert_text(std::string_view utf8, std::string_view character_set);
// What iconv calls a character set; null where it has none, or another by that name (latin1, geostd8, keybcs2, swe7),
// and for UTF-8 and ASCII.
[[nodiscard]] const char* iconv_name_of(std::string_view character_set);
// Characters of well-formed UTF-8; nothing when it is not.
[[nodiscard]] base::Result<std::size_t> count_characters(std::string_view utf8);

[[nodiscard]] base::Result<std::string> encode_enum(const ColumnTraits& column, std::string_view value);
[[nodiscard]] base::Result<std::string> encode_set(const ColumnTraits& column, std::string_view value);

// BINARY, VARBINARY and BLOB: 0x... or the bytes of any other text.
[[nodiscard]] base::Result<std::string> encode_bytes(std::string_view value);
[[nodiscard]] base::Result<std::string> encode_inet4(std::string_view value);
[[nodiscard]] base::Result<std::string> encode_inet6(std::string_view value);
[[nodiscard]] base::Result<std::string> encode_uuid(std::string_view value);
[[nodiscard]] base::Result<std::string> encode_vector(const ColumnTraits& column, std::string_view value);
[[nodiscard]] base::Result<std::string> encode_geometry(const ColumnTraits& column, std::string_view value);
// The smallest geometry of the declared type.
[[nodiscard]] std::string zero_geometry(std::string_view declared_type);
// Dimensions of a VECTOR column, 0 when not known.
[[nodiscard]] std::size_t vector_dimension(const ColumnTraits& column);

// A JSON text as MySQL stores it (sql-common/json_binary.cc).
[[nodiscard]] base::Result<std::string> encode_json(std::string_view text);
// Whether a text is well-formed JSON.
[[nodiscard]] bool is_json(std::string_view text);

// Appends the cell of `bytes`, which are those of a value: with its length, fixed strings of bytes without the zeros
// that pad them. False, and nothing is appended, where they are more than the column can hold.
[[nodiscard]] bool append_cell(const ColumnTraits& column, base::ByteView bytes, base::Buffer& into);

// Helpers that the families share.
void append_big_endian(std::string& into, std::uint64_t value, std::size_t width);
void append_big_endian(base::Buffer& into, std::uint64_t value, std::size_t width);
void append_little_endian(std::string& into, std::uint64_t value, std::size_t width);
// The bytes of "0x..."; errors when a digit is none or their number is odd.
[[nodiscard]] base::Result<std::string> hex_bytes(std::string_view value);
// A magnitude and a sign: digits with an optional sign, 0x... hexadecimal, true and false.
struct Integer {
  std::uint64_t magnitude = 0;
  bool negative = false;
};
[[nodiscard]] base::Result<Integer> parse_integer(std::string_view value);

}  // namespace relay::scrub_rules
