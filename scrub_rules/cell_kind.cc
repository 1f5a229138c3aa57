#include "scrub_rules/cell_kind.h"

#include <string_view>

namespace relay::scrub_rules {

namespace {

using binlog::TypeCode;

// Types whose table map does not tell what they are.
CellKind character_kind(const ColumnTraits& column) {
  const std::string_view declared = column.declared_type;
  if (declared == "inet4") return CellKind::inet4;
  if (declared == "inet6") return CellKind::inet6;
  if (declared == "uuid") return CellKind::uuid;
  if (declared == "vector") return CellKind::vector;
  if (declared == "json") return CellKind::json;
  const bool binary =
      std::string_view(column.character_set) == "binary" || declared.ends_with("binary") || declared.ends_with("blob");
  return binary ? CellKind::bytes : CellKind::text;
}

}  // namespace

CellKind cell_kind(const ColumnTraits& column) {
  switch (column.type.code) {
    case TypeCode::tiny:
    case TypeCode::short_:
    case TypeCode::int24:
    case TypeCode::long_:
    case TypeCode::longlong:
      return CellKind::integer;
    case TypeCode::float_:
    case TypeCode::double_:
      return CellKind::floating;
    case TypeCode::bit:
      return CellKind::bits;
    case TypeCode::year:
      return CellKind::year;
    case TypeCode::newdecimal:
      return CellKind::decimal;
    case TypeCode::date:
    case TypeCode::newdate:
    case TypeCode::time:
    case TypeCode::datetime:
    case TypeCode::timestamp:
    case TypeCode::time2:
    case TypeCode::datetime2:
    case TypeCode::timestamp2:
      return CellKind::temporal;
    case TypeCode::enum_:
      return CellKind::enum_;
    case TypeCode::set:
      return CellKind::set;
    case TypeCode::json:
      return CellKind::json;
    case TypeCode::geometry:
      return CellKind::geometry;
    case TypeCode::vector:
      return CellKind::vector;
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
      return CellKind::unknown;
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

std::size_t cell_prefix_width(const ColumnTraits& column) {
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

std::uint64_t maximum_cell_bytes(const ColumnTraits& column) {
  switch (column.type.code) {
    case TypeCode::string:
    case TypeCode::varchar:
    case TypeCode::var_string:
    case TypeCode::varchar_compressed:
      return column.type.metadata;
    default:
      return (std::uint64_t{1} << (8 * cell_prefix_width(column))) - 1;
  }
}

}  // namespace relay::scrub_rules
