#include "scrub_rules/column_type_of.h"

#include <algorithm>
#include <array>
#include <optional>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

using binlog::ColumnType;
using binlog::Flavor;
using binlog::TypeCode;
using sql::ColumnDefinition;

// The families whose table map says different things.
enum class Family : std::uint8_t {
  fixed,
  decimal,
  floating,
  bit,
  temporal,
  character,
  blob,
  enum_,
  set,
  json,
  geometry,
  vector,
  bytes
};

struct TypeRow {
  std::string_view name;
  Family family;
  TypeCode code;
  std::uint16_t detail = 0;  // bytes of a fixed string; length bytes of a blob; the old code of a temporal type
};

constexpr std::uint16_t old(TypeCode code) { return static_cast<std::uint16_t>(code); }

// Names as sql::ColumnDefinition gives them; aliases stand here too, for definitions that come another way.
constexpr auto kTypes = std::to_array<TypeRow>({
    {"tinyint", Family::fixed, TypeCode::tiny},
    {"bool", Family::fixed, TypeCode::tiny},
    {"boolean", Family::fixed, TypeCode::tiny},
    {"smallint", Family::fixed, TypeCode::short_},
    {"mediumint", Family::fixed, TypeCode::int24},
    {"int", Family::fixed, TypeCode::long_},
    {"integer", Family::fixed, TypeCode::long_},
    {"bigint", Family::fixed, TypeCode::longlong},
    {"serial", Family::fixed, TypeCode::longlong},
    {"year", Family::fixed, TypeCode::year},
    {"date", Family::fixed, TypeCode::date},
    {"decimal", Family::decimal, TypeCode::newdecimal},
    {"numeric", Family::decimal, TypeCode::newdecimal},
    {"float", Family::floating, TypeCode::float_},
    {"double", Family::floating, TypeCode::double_},
    {"real", Family::floating, TypeCode::double_},
    {"bit", Family::bit, TypeCode::bit},
    {"time", Family::temporal, TypeCode::time2, old(TypeCode::time)},
    {"datetime", Family::temporal, TypeCode::datetime2, old(TypeCode::datetime)},
    {"timestamp", Family::temporal, TypeCode::timestamp2, old(TypeCode::timestamp)},
    {"char", Family::character, TypeCode::string},
    {"varchar", Family::character, TypeCode::varchar},
    {"binary", Family::character, TypeCode::string},
    {"varbinary", Family::character, TypeCode::varchar},
    {"tinytext", Family::blob, TypeCode::blob, 1},
    {"text", Family::blob, TypeCode::blob, 2},
    {"mediumtext", Family::blob, TypeCode::blob, 3},
    {"longtext", Family::blob, TypeCode::blob, 4},
    {"tinyblob", Family::blob, TypeCode::blob, 1},
    {"blob", Family::blob, TypeCode::blob, 2},
    {"mediumblob", Family::blob, TypeCode::blob, 3},
    {"longblob", Family::blob, TypeCode::blob, 4},
    {"enum", Family::enum_, TypeCode::enum_},
    {"set", Family::set, TypeCode::set},
    {"json", Family::json, TypeCode::json},
    {"geometry", Family::geometry, TypeCode::geometry},
    {"point", Family::geometry, TypeCode::geometry},
    {"linestring", Family::geometry, TypeCode::geometry},
    {"polygon", Family::geometry, TypeCode::geometry},
    {"multipoint", Family::geometry, TypeCode::geometry},
    {"multilinestring", Family::geometry, TypeCode::geometry},
    {"multipolygon", Family::geometry, TypeCode::geometry},
    {"geometrycollection", Family::geometry, TypeCode::geometry},
    {"geomcollection", Family::geometry, TypeCode::geometry},
    {"vector", Family::vector, TypeCode::vector},
    {"inet4", Family::bytes, TypeCode::string, 4},
    {"inet6", Family::bytes, TypeCode::string, 16},
    {"uuid", Family::bytes, TypeCode::string, 16},
});

constexpr std::uint64_t kMaximumVarcharBytes = 65535;
constexpr unsigned kUnknownCharacterBytes = 4;
constexpr std::uint32_t kDefaultDimension = 2048;  // MySQL manual, "The VECTOR Type"
constexpr std::uint8_t kWireString = 254;
constexpr std::uint8_t kWireBlob = 252;

const TypeRow* find_row(std::string_view name) {
  const auto* row = std::ranges::find(kTypes, name, &TypeRow::name);
  return row == kTypes.end() ? nullptr : row;
}

// Bytes of a character; 0 when not known.
unsigned character_bytes(const ColumnDefinition& declared) {
  return is_binary(declared) ? 1 : maximum_character_bytes(declared.character_set);
}

ColumnType make(TypeCode code, std::uint64_t metadata, std::uint8_t wire_code) {
  return {code, static_cast<std::uint16_t>(metadata), wire_code};
}
ColumnType make(TypeCode code, std::uint64_t metadata = 0) {
  return make(code, metadata, static_cast<std::uint8_t>(code));
}

// Length bytes of the smallest blob type for so many bytes (sql/field.cc, get_blob_type_from_length).
std::uint16_t blob_length_bytes(std::uint64_t bytes) {
  if (bytes < 256) return 1;
  if (bytes < 65536) return 2;
  return bytes < (std::uint64_t{1} << 24) ? 3 : 4;
}

ColumnType blob_type(std::uint16_t length_bytes, bool compressed) {
  if (compressed) return make(TypeCode::blob_compressed, length_bytes);
  return make(TypeCode::blob, length_bytes, kWireBlob);
}

ColumnType decimal_type(const ColumnDefinition& declared) {
  // DECIMAL and DECIMAL(0) are DECIMAL(10).
  const std::uint32_t precision = declared.length.value_or(0) == 0 ? 10 : *declared.length;
  return make(TypeCode::newdecimal, (precision & 0xffU) | declared.scale.value_or(0) << 8);
}

ColumnType floating_type(const ColumnDefinition& declared, TypeCode code) {
  // FLOAT(p) is a precision in bits; 24 are the most of a FLOAT.
  if (!declared.scale && declared.length.value_or(0) > 24) code = TypeCode::double_;
  return make(code, code == TypeCode::float_ ? 4 : 8);
}

ColumnType bit_type(const ColumnDefinition& declared) {
  const std::uint32_t bits = declared.length.value_or(0) == 0 ? 1 : *declared.length;
  return make(TypeCode::bit, bits % 8 | bits / 8 << 8);
}

ColumnType character_type(const ColumnDefinition& declared, TypeCode code, unsigned bytes_each) {
  const bool fixed = code == TypeCode::string;
  const std::uint64_t bytes = std::uint64_t{declared.length.value_or(fixed ? 1 : 0)} * bytes_each;
  // Outside of strict mode the servers make a TEXT or BLOB of what is too long.
  if (bytes > kMaximumVarcharBytes) return blob_type(blob_length_bytes(bytes), declared.compressed);
  if (fixed) return make(TypeCode::string, bytes, kWireString);
  if (declared.compressed) return make(TypeCode::varchar_compressed, bytes + 1);
  return make(TypeCode::varchar, bytes);
}

ColumnType blob_of(const ColumnDefinition& declared, std::uint16_t length_bytes, unsigned bytes_each) {
  // TEXT(n) and BLOB(n) choose their size.
  if (declared.length.value_or(0) > 0) length_bytes = blob_length_bytes(std::uint64_t{*declared.length} * bytes_each);
  return blob_type(length_bytes, declared.compressed);
}

ColumnType members_type(const ColumnDefinition& declared, Family family) {
  const std::size_t count = std::max<std::size_t>(1, declared.members.size());
  if (family == Family::enum_) return make(TypeCode::enum_, count < 256 ? 1 : 2, kWireString);
  const std::size_t bytes = (count + 7) / 8;
  return make(TypeCode::set, bytes > 4 ? 8 : bytes, kWireString);
}

ColumnType type_of(const ColumnDefinition& declared, const TypeRow& row, Flavor flavor, unsigned bytes_each) {
  switch (row.family) {
    case Family::fixed:
      return make(row.code);
    case Family::decimal:
      return decimal_type(declared);
    case Family::floating:
      return floating_type(declared, row.code);
    case Family::bit:
      return bit_type(declared);
    case Family::temporal:
      return make(row.code, declared.length.value_or(0));
    case Family::character:
      return character_type(declared, row.code, bytes_each);
    case Family::blob:
      return blob_of(declared, row.detail, bytes_each);
    case Family::enum_:
    case Family::set:
      return members_type(declared, row.family);
    case Family::json:
      return flavor == Flavor::mysql ? make(TypeCode::json, 4) : blob_type(4, false);
    case Family::geometry:
      return make(TypeCode::geometry, 4);
    case Family::vector:
      if (flavor == Flavor::mysql) return make(TypeCode::vector, 4);
      return make(TypeCode::varchar, std::uint64_t{4} * declared.length.value_or(kDefaultDimension));
    case Family::bytes:
      return make(TypeCode::string, row.detail, kWireString);
  }
  return make(TypeCode::null);
}

// Blob types may stand in a table map by their own code or by the common one, with the same metadata.
bool is_blob_code(TypeCode code) {
  return code == TypeCode::blob || code == TypeCode::tiny_blob || code == TypeCode::medium_blob ||
         code == TypeCode::long_blob;
}

bool same_temporal(const ColumnDefinition& declared, const TypeRow& row, const ColumnType& type, Flavor flavor) {
  const std::uint32_t digits = declared.length.value_or(0);
  if (type.code == row.code) return type.metadata == digits;
  // Tables of MySQL before 5.6 have no fractions; MariaDB's have, without telling how many digits.
  return old(type.code) == row.detail && (digits == 0 || flavor == Flavor::mariadb);
}

// `bytes_each` is not known: any whole number of bytes a character from 1 to 4 will do.
bool can_be_character(const ColumnDefinition& declared, const TypeRow& row, const ColumnType& type, Flavor flavor) {
  for (unsigned bytes_each = 1; bytes_each <= 4; ++bytes_each) {
    const ColumnType expected = type_of(declared, row, flavor, bytes_each);
    if (expected.code == type.code && expected.metadata == type.metadata) return true;
  }
  return false;
}

}  // namespace

bool is_binary(const ColumnDefinition& declared) {
  return declared.type.ends_with("blob") || declared.type.ends_with("binary") || declared.character_set == "binary";
}

base::Result<ColumnType> column_type_of(const ColumnDefinition& declared, Flavor flavor) {
  const TypeRow* row = find_row(declared.type);
  if (row == nullptr) {
    return base::fail(base::Error(base::ErrorKind::unsupported, "a column's declared type is not known")
                          .about(declared.name)
                          .remedy("let the table not leave, or change the column's type"));
  }
  const unsigned bytes_each = character_bytes(declared);
  return type_of(declared, *row, flavor, bytes_each == 0 ? kUnknownCharacterBytes : bytes_each);
}

bool column_matches(const ColumnDefinition& declared, const ColumnType& given, Flavor flavor) {
  const TypeRow* row = find_row(declared.type);
  if (row == nullptr) return false;
  ColumnType type = given;
  if (is_blob_code(type.code)) type.code = TypeCode::blob;
  if (type.code == TypeCode::var_string) type.code = TypeCode::varchar;
  if (type.code == TypeCode::newdate) type.code = TypeCode::date;
  if (row->family == Family::temporal) return same_temporal(declared, *row, type, flavor);
  if ((row->family == Family::enum_ || row->family == Family::set) && declared.members.empty()) {
    return type.code == row->code;
  }
  const unsigned bytes_each = character_bytes(declared);
  const bool characters = row->family == Family::character || row->family == Family::blob;
  if (characters && bytes_each == 0) return can_be_character(declared, *row, type, flavor);
  const ColumnType expected = type_of(declared, *row, flavor, bytes_each);
  return expected.code == type.code && expected.metadata == type.metadata;
}

ColumnTraits column_traits(const ColumnDefinition& declared, const ColumnType& type, Flavor flavor) {
  ColumnTraits traits;
  traits.type = type;
  traits.flavor = flavor;
  traits.declared_type = declared.type;
  traits.is_unsigned = declared.is_unsigned || declared.type == "serial";
  traits.character_set = is_binary(declared) ? "binary" : sql::canonical_character_set(declared.character_set);
  traits.members = declared.members;
  traits.length = declared.length;
  return traits;
}

}  // namespace relay::scrub_rules
