#include "scrub_rules/constant.h"

#include <algorithm>

#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/cell_kind.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::TypeCode;

// A type byte and its data, as MySQL keeps a document; MariaDB keeps the text.
base::Result<std::string> encode_document(const ColumnTraits& column, std::string_view value) {
  if (column.type.code == TypeCode::json) return encode_json(value);
  if (!is_json(value)) return base::fail(ErrorKind::configuration, "the constant is no JSON document");
  return encode_text(column, value);
}

base::Result<std::string> encode_value(const ColumnTraits& column, std::string_view value) {
  switch (cell_kind(column)) {
    case CellKind::integer:
      return encode_integer(column, integer_width(column.type.code), value);
    case CellKind::floating:
      return encode_floating(column, value);
    case CellKind::bits:
      return encode_bits(column, value);
    case CellKind::year:
      return encode_year(value);
    case CellKind::decimal:
      return encode_decimal(column, value);
    case CellKind::temporal:
      return encode_temporal(column, value);
    case CellKind::enum_:
      return encode_enum(column, value);
    case CellKind::set:
      return encode_set(column, value);
    case CellKind::text:
      return encode_text(column, value);
    case CellKind::bytes:
      return encode_bytes(value);
    case CellKind::json:
      return encode_document(column, value);
    case CellKind::geometry:
      return encode_geometry(column, value);
    case CellKind::vector:
      return encode_vector(column, value);
    case CellKind::inet4:
      return encode_inet4(value);
    case CellKind::inet6:
      return encode_inet6(value);
    case CellKind::uuid:
      return encode_uuid(value);
    case CellKind::unknown:
      break;
  }
  return base::fail(Error(ErrorKind::unsupported, "no value can be made for a column of this type")
                        .remedy("keep or drop the column"));
}

base::Result<std::string> zero_value(const ColumnTraits& column) {
  switch (cell_kind(column)) {
    case CellKind::temporal:
      if (column.type.code == TypeCode::time || column.type.code == TypeCode::time2)
        return encode_value(column, "00:00:00");
      return encode_value(column, "0000-00-00");
    case CellKind::enum_: {
      std::string first;
      append_little_endian(first, 1, column.type.metadata);
      return first;
    }
    case CellKind::set:
    case CellKind::text:
    case CellKind::bytes:
      return encode_value(column, "");
    case CellKind::json:
      return encode_value(column, "null");
    case CellKind::geometry:
      return zero_geometry(column.declared_type);
    case CellKind::vector:
      // MySQL's dimension is a maximum, and may not be known here.
      return std::string(4 * std::max<std::size_t>(1, vector_dimension(column)), '\0');
    case CellKind::inet4:
      return std::string(4, '\0');
    case CellKind::inet6:
    case CellKind::uuid:
      return std::string(16, '\0');
    default:
      return encode_value(column, "0");
  }
}

base::Result<void> append_constant(const ColumnTraits& column, std::string bytes, base::Buffer& into) {
  const TypeCode code = column.type.code;
  const bool compressed = code == TypeCode::blob_compressed || code == TypeCode::varchar_compressed;
  // MariaDB's header byte 0 says "not compressed"; an empty value has none (sql/field.cc, Field_longstr::compress).
  if (compressed && !bytes.empty()) bytes.insert(bytes.begin(), '\0');
  if (cell_prefix_width(column) > 4) {
    return base::fail(ErrorKind::configuration, "the column's type is not known well enough");
  }
  if (!append_cell(column, base::ByteView::of(bytes), into)) {
    return base::fail(
        Error(ErrorKind::configuration, "the constant is longer than the column").remedy("write a shorter value"));
  }
  if (into.overflowed()) return base::fail(ErrorKind::configuration, "the constant is larger than a row can be");
  return {};
}

}  // namespace

bool append_cell(const ColumnTraits& column, base::ByteView bytes, base::Buffer& into) {
  const std::size_t width = cell_prefix_width(column);
  if (width > 0 && bytes.size() > maximum_cell_bytes(column)) return false;
  if (column.type.code == TypeCode::string && cell_kind(column) != CellKind::text) {
    while (!bytes.empty() && bytes[bytes.size() - 1] == 0) bytes = bytes.sub(0, bytes.size() - 1);
  }
  if (width > 0) into.append_little_endian(bytes.size(), width);
  into.append(bytes);
  return true;
}

base::Result<void> encode_constant(const ColumnTraits& column, std::string_view value, base::Buffer& into) {
  RELAY_ASSIGN(std::string bytes, encode_value(column, value));
  return append_constant(column, std::move(bytes), into);
}

base::Result<void> encode_zero_value(const ColumnTraits& column, base::Buffer& into) {
  RELAY_ASSIGN(std::string bytes, zero_value(column));
  return append_constant(column, std::move(bytes), into);
}

}  // namespace relay::scrub_rules
