#pragma once

#include <cstdint>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::binlog {

// Type codes of a table map (enum_field_types; include/field_types.h, MariaDB sql/field types).
enum class TypeCode : std::uint8_t {
  decimal = 0,
  tiny = 1,
  short_ = 2,
  long_ = 3,
  float_ = 4,
  double_ = 5,
  null = 6,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  newdate = 14,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  typed_array = 20,
  blob_compressed = 140,
  varchar_compressed = 141,
  vector = 242,
  json = 245,
  newdecimal = 246,
  enum_ = 247,
  set = 248,
  tiny_blob = 249,
  medium_blob = 250,
  long_blob = 251,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

// A column's type as a table map gives it. `code` is the effective type: string (254) that carries an ENUM or SET is
// resolved to enum_ or set. `metadata` is decoded by type: maximum bytes for varchar/string, pack length for enum/set,
// length bytes for blobs/json/geometry/vector, precision | scale << 8 for newdecimal, bits%8 | bits/8 << 8 for bit,
// fractional digits for temporal types.
struct ColumnType {
  TypeCode code = TypeCode::null;
  std::uint16_t metadata = 0;
  std::uint8_t wire_code = 0;  // the type byte in the table map
  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

// Bytes of metadata that a type byte of a table map is followed by: 0, 1 or 2; unknown type bytes are an error.
[[nodiscard]] base::Result<std::size_t> metadata_width(std::uint8_t wire_code);

// Decodes a column's type from its type byte and the metadata bytes that follow it in a table map (`raw` is
// metadata_width bytes long). Errors: malformed (metadata that no such type has), unsupported (type bytes that are not
// known).
[[nodiscard]] base::Result<ColumnType> decode_column_type(std::uint8_t wire_code, base::ByteView raw);

// How long the non-null cells of a type are: `fixed` bytes, or, where `prefix` is not 0, a little-endian length of
// `prefix` bytes and as many bytes as it says. Made once per column, so that walking rows takes no look at types.
struct CellShape {
  std::uint8_t prefix = 0;
  std::uint8_t fixed = 0;

  // Bytes of the cell at the start of `bytes`, its length prefix included; 0 when it is longer than `bytes` (no cell is
  // empty).
  [[nodiscard]] std::size_t length(base::ByteView bytes) const {
    if (prefix == 0) return fixed <= bytes.size() ? fixed : 0;
    if (bytes.size() < prefix) return 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < prefix; ++i) count |= std::size_t{bytes[i]} << (8 * i);
    return count <= bytes.size() - prefix ? prefix + count : 0;
  }
};

// The one switch over column types. Errors: unsupported for types that cannot be sized (old DECIMAL, typed arrays);
// malformed for metadata out of range. MariaDB's old temporal types (TIMESTAMP, TIME, DATETIME without the 2) carry no
// fractional digits in the table map: `metadata` stays 0 unless the schema history sets it.
[[nodiscard]] base::Result<CellShape> cell_shape(const ColumnType& type);

// Length in bytes of a non-null cell of `type` at the start of `bytes`, its own length prefix included, never more than
// bytes.size(). For single cells; whoever walks rows keeps the CellShape.
// Errors: those of cell_shape, and malformed when the cell is longer than the bytes.
[[nodiscard]] base::Result<std::size_t> cell_length(const ColumnType& type, base::ByteView bytes);

// Classes that the optional metadata lists are indexed by (PROTOCOL: signedness over numeric, charsets over character
// columns ...).
[[nodiscard]] bool is_numeric(const ColumnType& type);  // has a signedness bit (YEAR too; BIT, ENUM, SET not)
[[nodiscard]] bool is_character(const ColumnType& type,
                                bool mariadb);  // has an entry in the column character set lists
[[nodiscard]] bool is_enum_or_set(const ColumnType& type);
[[nodiscard]] std::string_view type_name(const ColumnType& type);  // "VARCHAR", "DATETIME2" ... for messages

}  // namespace relay::binlog
