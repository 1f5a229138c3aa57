#pragma once

#include <cstdint>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::binlog {

// Type codes of a table map (enum_field_types; include/field_types.h, MariaDB sql/field types).
enum class TypeCode : std::uint8_t {
  decimal = 0, tiny = 1, short_ = 2, long_ = 3, float_ = 4, double_ = 5, null = 6, timestamp = 7, longlong = 8, int24 = 9,
  date = 10, time = 11, datetime = 12, year = 13, newdate = 14, varchar = 15, bit = 16, timestamp2 = 17, datetime2 = 18,
  time2 = 19, typed_array = 20, blob_compressed = 140, varchar_compressed = 141, vector = 242, json = 245, newdecimal = 246,
  enum_ = 247, set = 248, tiny_blob = 249, medium_blob = 250, long_blob = 251, blob = 252, var_string = 253, string = 254,
  geometry = 255,
};

// A column's type as a table map gives it. `code` is the effective type: string (254) that carries an ENUM or SET is resolved
// to enum_ or set. `metadata` is decoded by type: maximum bytes for varchar/string, pack length for enum/set, length bytes
// for blobs/json/geometry/vector, precision | scale << 8 for newdecimal, bits%8 | bits/8 << 8 for bit, fractional digits for
// temporal types.
struct ColumnType {
  TypeCode code = TypeCode::null;
  std::uint16_t metadata = 0;
  std::uint8_t wire_code = 0;  // the type byte in the table map
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

// Bytes of metadata that a type byte of a table map is followed by: 0, 1 or 2; unknown type bytes are an error.
[[nodiscard]] base::Result<std::size_t> metadata_width(std::uint8_t wire_code);

// Length in bytes of a non-null cell of `type` at the start of `bytes`, its own length prefix included, never more than bytes.size().
// Errors: malformed (the cell is longer than the bytes), unsupported (types that cannot be sized: old DECIMAL, typed arrays;
// MariaDB's old temporal types need `old_temporal_digits`, the fractional digits that the schema history proves, else 0).
// The one switch over column types.
[[nodiscard]] base::Result<std::size_t> cell_length(const ColumnType& type, base::ByteView bytes);

// Classes that the optional metadata lists are indexed by (PROTOCOL: signedness over numeric, charsets over character columns ...).
[[nodiscard]] bool is_numeric(const ColumnType& type);           // has a signedness bit (YEAR too; BIT, ENUM, SET not)
[[nodiscard]] bool is_character(const ColumnType& type, bool mariadb);  // has an entry in the column character set lists
[[nodiscard]] bool is_enum_or_set(const ColumnType& type);
[[nodiscard]] std::string_view type_name(const ColumnType& type);  // "VARCHAR", "DATETIME2" ... for messages

}  // namespace relay::binlog
