#include "scrub_rules/constant.h"

#include <algorithm>

#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::TypeCode;

// How a family of cells is stored in a row image.
enum class Kind : std::uint8_t {
  integer,
  floating,
  bits,
  year,
  decimal,
  temporal,
  enum_,
  set,
  text,
  bytes,
  json,
  geometry,
  vector,
  inet4,
  inet6,
  uuid,
  unknown,
};

bool ends_with(std::string_view text, std::string_view end) { return text.ends_with(end); }

// Types whose table map does not tell what they are.
Kind character_kind(const ColumnTraits& column) {
  const std::string_view declared = column.declared_type;
  if (declared == "inet4") return Kind::inet4;
  if (declared == "inet6") return Kind::inet6;
  if (declared == "uuid") return Kind::uuid;
  if (declared == "vector") return Kind::vector;
  if (declared == "json") return Kind::json;
  const bool binary = declared.empty() ? column.character_set == "binary"
                                       : ends_with(declared, "binary") || ends_with(declared, "blob") ||
                                             column.character_set == "binary";
  return binary ? Kind::bytes : Kind::text;
}

Kind kind_of(const ColumnTraits& column) {
  switch (column.type.code) {
    case TypeCode::tiny:
    case TypeCode::short_:
    case TypeCode::int24:
    case TypeCode::long_:
    case TypeCode::longlong:
      return Kind::integer;
    case TypeCode::float_:
    case TypeCode::double_:
      return Kind::floating;
    case TypeCode::bit:
      return Kind::bits;
    case TypeCode::year:
      return Kind::year;
    case TypeCode::newdecimal:
      return Kind::decimal;
    case TypeCode::date:
    case TypeCode::newdate:
    case TypeCode::time:
    case TypeCode::datetime:
    case TypeCode::timestamp:
    case TypeCode::time2:
    case TypeCode::datetime2:
    case TypeCode::timestamp2:
      return Kind::temporal;
    case TypeCode::enum_:
      return Kind::enum_;
    case TypeCode::set:
      return Kind::set;
    case TypeCode::json:
      return Kind::json;
    case TypeCode::geometry:
      return Kind::geometry;
    case TypeCode::vector:
      return Kind::vector;
    case TypeCode::string:
    case TypeCode::varchar:
    case TypeCode::var_string:
    case TypeCode::blob:
    case TypeCode::tiny_blob:
    case TypeCode::medium_blob:
    case TypeCode::long_blob:
    case TypeCode::blob_compressed:
    case TypeCode::varchar_compressed:
      return character_kind(column);
    default:
      return Kind::unknown;
  }
}

std::size_t integer_width(TypeCode code) {
  switch (code) {
    case TypeCode::tiny:
      return 1;
    case TypeCode::short_:
      return 2;
    case TypeCode::int24:
      return 3;
    case TypeCode::long_:
      return 4;
    default:
      return 8;
  }
}

// A type byte and its data, as MySQL keeps a document; MariaDB keeps the text.
base::Result<std::string> encode_document(const ColumnTraits& column, std::string_view value) {
  if (column.type.code == TypeCode::json) return encode_json(value);
  if (!is_json(value)) return base::fail(ErrorKind::configuration, "the constant is no JSON document");
  return encode_text(column, value);
}

base::Result<std::string> encode_value(const ColumnTraits& column, std::string_view value) {
  switch (kind_of(column)) {
    case Kind::integer:
      return encode_integer(column, integer_width(column.type.code), value);
    case Kind::floating:
      return encode_floating(column, value);
    case Kind::bits:
      return encode_bits(column, value);
    case Kind::year:
      return encode_year(value);
    case Kind::decimal:
      return encode_decimal(column, value);
    case Kind::temporal:
      return encode_temporal(column, value);
    case Kind::enum_:
      return encode_enum(column, value);
    case Kind::set:
      return encode_set(column, value);
    case Kind::text:
      return encode_text(column, value);
    case Kind::bytes:
      return encode_bytes(value);
    case Kind::json:
      return encode_document(column, value);
    case Kind::geometry:
      return encode_geometry(column, value);
    case Kind::vector:
      return encode_vector(column, value);
    case Kind::inet4:
      return encode_inet4(value);
    case Kind::inet6:
      return encode_inet6(value);
    case Kind::uuid:
      return encode_uuid(value);
    case Kind::unknown:
      break;
  }
  return base::fail(Error(ErrorKind::unsupported, "no value can be made for a column of this type")
                        .remedy("keep or drop the column"));
}

base::Result<std::string> zero_value(const ColumnTraits& column) {
  switch (kind_of(column)) {
    case Kind::temporal:
      if (column.type.code == TypeCode::time || column.type.code == TypeCode::time2)
        return encode_value(column, "00:00:00");
      return encode_value(column, "0000-00-00");
    case Kind::enum_: {
      std::string first;
      append_little_endian(first, 1, column.type.metadata);
      return first;
    }
    case Kind::set:
    case Kind::text:
    case Kind::bytes:
      return encode_value(column, "");
    case Kind::json:
      return encode_value(column, "null");
    case Kind::geometry:
      return zero_geometry(column.declared_type);
    case Kind::vector:
      // MySQL's dimension is a maximum, and may not be known here.
      return std::string(4 * std::max<std::size_t>(1, vector_dimension(column)), '\0');
    case Kind::inet4:
      return std::string(4, '\0');
    case Kind::inet6:
    case Kind::uuid:
      return std::string(16, '\0');
    default:
      return encode_value(column, "0");
  }
}

// Bytes of a length prefix; 0 for cells of a fixed size.
std::size_t prefix_width(const ColumnTraits& column) {
  switch (column.type.code) {
    case TypeCode::string:
    case TypeCode::varchar:
    case TypeCode::var_string:
    case TypeCode::varchar_compressed:
      return column.type.metadata < 256 ? 1 : 2;
    case TypeCode::tiny_blob:
    case TypeCode::blob:
    case TypeCode::medium_blob:
    case TypeCode::long_blob:
    case TypeCode::blob_compressed:
    case TypeCode::json:
    case TypeCode::geometry:
    case TypeCode::vector:
      return column.type.metadata;
    default:
      return 0;
  }
}

std::uint64_t maximum_bytes(const ColumnTraits& column) {
  switch (column.type.code) {
    case TypeCode::string:
    case TypeCode::varchar:
    case TypeCode::var_string:
    case TypeCode::varchar_compressed:
      return column.type.metadata;
    default:
      return (std::uint64_t{1} << (8 * prefix_width(column))) - 1;
  }
}

// The cell of `bytes`: compression header, padding and length prefix as the type has them.
base::Result<void> append_cell(const ColumnTraits& column, std::string bytes, base::Buffer& into) {
  const TypeCode code = column.type.code;
  const bool compressed = code == TypeCode::blob_compressed || code == TypeCode::varchar_compressed;
  // MariaDB's header byte 0 says "not compressed"; an empty value has none (sql/field.cc, Field_longstr::compress).
  if (compressed && !bytes.empty()) bytes.insert(bytes.begin(), '\0');
  const std::size_t width = prefix_width(column);
  if (width > 4) return base::fail(ErrorKind::configuration, "the column's type is not known well enough");
  if (width > 0 && bytes.size() > maximum_bytes(column)) {
    return base::fail(
        Error(ErrorKind::configuration, "the constant is longer than the column").remedy("write a shorter value"));
  }
  // Fixed strings of bytes come without the zeros that pad them.
  if (code == TypeCode::string && kind_of(column) != Kind::text) {
    bytes.erase(bytes.find_last_not_of('\0') + 1);
  }
  if (width > 0) into.append_little_endian(bytes.size(), width);
  into.append(bytes);
  if (into.overflowed()) return base::fail(ErrorKind::configuration, "the constant is larger than a row can be");
  return {};
}

}  // namespace

base::Result<void> encode_constant(const ColumnTraits& column, std::string_view value, base::Buffer& into) {
  RELAY_ASSIGN(std::string bytes, encode_value(column, value));
  return append_cell(column, std::move(bytes), into);
}

base::Result<void> encode_zero_value(const ColumnTraits& column, base::Buffer& into) {
  RELAY_ASSIGN(std::string bytes, zero_value(column));
  return append_cell(column, std::move(bytes), into);
}

}  // namespace relay::scrub_rules
