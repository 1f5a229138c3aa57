#pragma once

#include <cstdint>

#include "relay/base/byte_reader.h"
#include "relay/base/result.h"
#include "relay/binlog/column_type.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/table_map.h"

// What reading and rewriting of a table map's optional metadata share.
namespace relay::binlog::optional_metadata {

inline tl::unexpected<base::Error> malformed(base::FixedText what) {
  return event_error(base::ErrorKind::malformed, what, EventType::table_map);
}

// Highest field number that is known; fields are counted from 1.
inline constexpr std::uint8_t kLastKnownField = static_cast<std::uint8_t>(OptionalMetadataField::vector_dimension);

struct Field {
  std::uint8_t type = 0;
  base::ByteView value;
  [[nodiscard]] bool known() const { return type >= 1 && type <= kLastKnownField; }
  [[nodiscard]] OptionalMetadataField field() const { return static_cast<OptionalMetadataField>(type); }
};

// The next field of `reader`; each number may come once, which `seen` (a bit each) keeps account of. Errors: malformed.
[[nodiscard]] base::Result<Field> next_field(base::ByteReader& reader, std::uint32_t& seen);

// Whether the field has an entry (or a bit) for a column of this type. The charset defaults (2, 10) count as their
// lists (3, 11).
[[nodiscard]] bool concerns(OptionalMetadataField field, const ColumnType& type, Flavor flavor);
[[nodiscard]] std::size_t count_concerned(OptionalMetadataField field, const TableMap& map, Flavor flavor);

// Bits of these lists are counted from the high end of each byte, unlike all others.
[[nodiscard]] inline bool high_bit_is_set(base::ByteView bits, std::size_t index) {
  return (bits[index / 8] & (0x80U >> (index % 8))) != 0;
}

}  // namespace relay::binlog::optional_metadata
