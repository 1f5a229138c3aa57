#pragma once

#include <cstddef>
#include <cstdint>

#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// How a family of cells is stored in a row image.
enum class CellKind : std::uint8_t {
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

[[nodiscard]] CellKind cell_kind(const ColumnTraits& column);
// Bytes of an integer: 1, 2, 3, 4 or 8.
[[nodiscard]] std::size_t integer_width(binlog::TypeCode code);
// Bytes of a length prefix; 0 for cells of a fixed size.
[[nodiscard]] std::size_t cell_prefix_width(const ColumnTraits& column);
// The most bytes that a cell with a length prefix may have behind it.
[[nodiscard]] std::uint64_t maximum_cell_bytes(const ColumnTraits& column);

}  // namespace relay::scrub_rules
