#include "relay/binlog/column_type.h"

#include <algorithm>

namespace relay::binlog {

namespace {

using base::ErrorKind;
using enum TypeCode;

// Packed decimals keep nine digits in four bytes; a rest of 0 to 8 digits takes these (strings/decimal.cc, dig2bytes).
constexpr std::uint8_t kDecimalRest[] = {0, 1, 1, 2, 2, 3, 3, 4, 4};
constexpr unsigned kMaximumPrecision = 65;
constexpr unsigned kMaximumScale = 38;  // MariaDB's; MySQL's is 30

// Bytes by fractional digits 0 to 6: of the types of MySQL 5.6, and of MariaDB's older ones (MariaDB sql/field.cc,
// Field_timestamp_hires, Field_time_hires, Field_datetime_hires).
constexpr std::uint8_t kTimestamp2[] = {4, 5, 5, 6, 6, 7, 7};
constexpr std::uint8_t kDatetime2[] = {5, 6, 6, 7, 7, 8, 8};
constexpr std::uint8_t kTime2[] = {3, 4, 4, 5, 5, 6, 6};
constexpr std::uint8_t kOldTimestamp[] = {4, 5, 5, 6, 6, 7, 7};
constexpr std::uint8_t kOldDatetime[] = {8, 6, 6, 7, 7, 7, 8};
constexpr std::uint8_t kOldTime[] = {3, 4, 4, 5, 5, 5, 6};

tl::unexpected<base::Error> bad_metadata() {
  return base::fail(ErrorKind::malformed, "a column's metadata does not fit its type");
}

base::Result<CellShape> fixed(std::size_t size) { return CellShape{0, static_cast<std::uint8_t>(size)}; }

base::Result<CellShape> prefixed(std::size_t prefix) {
  if (prefix < 1 || prefix > 4) return bad_metadata();
  return CellShape{static_cast<std::uint8_t>(prefix), 0};
}

base::Result<CellShape> temporal(const std::uint8_t (&sizes)[7], std::uint16_t digits) {
  if (digits > 6) return bad_metadata();
  return fixed(sizes[digits]);
}

base::Result<CellShape> packed_decimal(std::uint16_t metadata) {
  const unsigned precision = metadata & 0xff;
  const unsigned scale = metadata >> 8;
  if (precision == 0 || precision > kMaximumPrecision || scale > kMaximumScale || scale > precision) {
    return bad_metadata();
  }
  const unsigned whole = precision - scale;
  return fixed(whole / 9 * 4 + kDecimalRest[whole % 9] + scale / 9 * 4 + kDecimalRest[scale % 9]);
}

base::Result<CellShape> bits(std::uint16_t metadata) {
  const unsigned rest = metadata & 0xff;
  const unsigned size = (metadata >> 8) + (rest != 0 ? 1 : 0);
  if (rest > 7 || size == 0 || size > 8) return bad_metadata();
  return fixed(size);
}

base::Result<CellShape> packed_members(std::uint16_t size, std::uint16_t maximum) {
  if (size == 0 || size > maximum) return bad_metadata();
  return fixed(size);
}

// CHAR, BINARY, ENUM and SET share a type byte; the metadata's first byte is the real type, and of its bits 4 and 5 the
// inverse holds bits 8 and 9 of a CHAR's length (Field_string::do_save_field_metadata).
base::Result<ColumnType> decode_string(std::uint8_t wire_code, std::uint8_t real, std::uint8_t low) {
  ColumnType type{string, low, wire_code};
  if ((real & 0x30) != 0x30) {
    type.metadata = static_cast<std::uint16_t>(low | ((real & 0x30) ^ 0x30) << 4);
    real |= 0x30;
  }
  type.code = static_cast<TypeCode>(real);
  if (type.code != string && type.code != enum_ && type.code != set) {
    return base::fail(ErrorKind::unsupported, "a string column's real type is not known");
  }
  if (wire_code != static_cast<std::uint8_t>(string) && wire_code != real) return bad_metadata();
  return type;
}

}  // namespace

base::Result<std::size_t> metadata_width(std::uint8_t wire_code) {
  switch (static_cast<TypeCode>(wire_code)) {
    case float_:
    case double_:
    case timestamp2:
    case datetime2:
    case time2:
    case blob_compressed:
    case vector:
    case json:
    case tiny_blob:
    case medium_blob:
    case long_blob:
    case blob:
    case geometry:
      return 1;
    case varchar:
    case bit:
    case varchar_compressed:
    case newdecimal:
    case enum_:
    case set:
    case var_string:
    case string:
      return 2;
    case decimal:
    case tiny:
    case short_:
    case long_:
    case null:
    case timestamp:
    case longlong:
    case int24:
    case date:
    case time:
    case datetime:
    case year:
    case newdate:
      return 0;
    case typed_array:
      break;
  }
  return base::fail(ErrorKind::unsupported, "a column's type is not known");
}

base::Result<ColumnType> decode_column_type(std::uint8_t wire_code, base::ByteView raw) {
  RELAY_ASSIGN(const std::size_t width, metadata_width(wire_code));
  if (raw.size() != width) return bad_metadata();
  ColumnType type{static_cast<TypeCode>(wire_code), 0, wire_code};
  if (type.code == string || type.code == enum_ || type.code == set) return decode_string(wire_code, raw[0], raw[1]);
  for (std::size_t i = 0; i < width; ++i) type.metadata = static_cast<std::uint16_t>(type.metadata | raw[i] << (8 * i));
  return type;
}

base::Result<CellShape> cell_shape(const ColumnType& type) {
  switch (type.code) {
    case tiny:
    case year:
      return fixed(1);
    case short_:
      return fixed(2);
    case int24:
    case date:
    case newdate:
      return fixed(3);
    case long_:
    case float_:
      return fixed(4);
    case longlong:
    case double_:
      return fixed(8);
    case newdecimal:
      return packed_decimal(type.metadata);
    case bit:
      return bits(type.metadata);
    case timestamp2:
      return temporal(kTimestamp2, type.metadata);
    case datetime2:
      return temporal(kDatetime2, type.metadata);
    case time2:
      return temporal(kTime2, type.metadata);
    case timestamp:
      return temporal(kOldTimestamp, type.metadata);
    case datetime:
      return temporal(kOldDatetime, type.metadata);
    case time:
      return temporal(kOldTime, type.metadata);
    case enum_:
      return packed_members(type.metadata, 2);
    case set:
      return packed_members(type.metadata, 8);
    case varchar:
    case var_string:
    case varchar_compressed:
    case string:
      return prefixed(type.metadata < 256 ? 1 : 2);
    case tiny_blob:
    case blob:
    case medium_blob:
    case long_blob:
    case blob_compressed:
    case json:
    case geometry:
    case vector:
      return prefixed(type.metadata);
    case decimal:
    case null:
    case typed_array:
      break;
  }
  return base::fail(ErrorKind::unsupported, "cells of a column's type cannot be sized");
}

base::Result<std::size_t> cell_length(const ColumnType& type, base::ByteView bytes) {
  RELAY_ASSIGN(const CellShape shape, cell_shape(type));
  const std::size_t length = shape.length(bytes);
  if (length == 0) return base::fail(ErrorKind::malformed, "a cell is longer than its row");
  return length;
}

bool is_numeric(const ColumnType& type) {
  static constexpr TypeCode kNumeric[] = {decimal,  tiny,   short_,  int24,      long_,
                                          longlong, float_, double_, newdecimal, year};
  return std::ranges::find(kNumeric, type.code) != std::end(kNumeric);
}

bool is_character(const ColumnType& type, bool mariadb) {
  static constexpr TypeCode kCharacter[] = {varchar,     var_string, string,          tiny_blob,         blob,
                                            medium_blob, long_blob,  blob_compressed, varchar_compressed};
  if (type.code == geometry) return mariadb;
  if (type.code == vector) return !mariadb;
  return std::ranges::find(kCharacter, type.code) != std::end(kCharacter);
}

bool is_enum_or_set(const ColumnType& type) { return type.code == enum_ || type.code == set; }

std::string_view type_name(const ColumnType& type) {
  struct Name {
    TypeCode code;
    std::string_view name;
  };
  static constexpr Name kNames[] = {
      {decimal, "DECIMAL (old)"},
      {tiny, "TINYINT"},
      {short_, "SMALLINT"},
      {long_, "INT"},
      {float_, "FLOAT"},
      {double_, "DOUBLE"},
      {null, "NULL"},
      {timestamp, "TIMESTAMP (old)"},
      {longlong, "BIGINT"},
      {int24, "MEDIUMINT"},
      {date, "DATE"},
      {time, "TIME (old)"},
      {datetime, "DATETIME (old)"},
      {year, "YEAR"},
      {newdate, "DATE"},
      {varchar, "VARCHAR"},
      {bit, "BIT"},
      {timestamp2, "TIMESTAMP"},
      {datetime2, "DATETIME"},
      {time2, "TIME"},
      {typed_array, "typed array"},
      {blob_compressed, "BLOB COMPRESSED"},
      {varchar_compressed, "VARCHAR COMPRESSED"},
      {vector, "VECTOR"},
      {json, "JSON"},
      {newdecimal, "DECIMAL"},
      {enum_, "ENUM"},
      {set, "SET"},
      {tiny_blob, "TINYBLOB"},
      {medium_blob, "MEDIUMBLOB"},
      {long_blob, "LONGBLOB"},
      {blob, "BLOB"},
      {var_string, "VARCHAR"},
      {string, "CHAR"},
      {geometry, "GEOMETRY"},
  };
  const auto* found = std::ranges::find(kNames, type.code, &Name::code);
  return found != std::end(kNames) ? found->name : "unknown type";
}

}  // namespace relay::binlog
