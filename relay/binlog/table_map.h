#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/column_type.h"
#include "relay/binlog/event_type.h"
#include "relay/binlog/flavor.h"

namespace relay::binlog {

// MAX_FIELDS of both servers; nothing with more columns is read.
inline constexpr std::uint64_t kMaximumColumns = 4096;

// Bits are counted from the low end of each byte, as in every bitmap of row events.
[[nodiscard]] inline bool bit_is_set(base::ByteView bits, std::size_t index) {
  return (bits[index / 8] >> (index % 8) & 1) != 0;
}

inline constexpr std::size_t kTableIdSize =
    6;  // bytes that a table map and its rows begin with, but in the oldest formats

// TABLE_MAP_EVENT, decoded. Names and bitmaps borrow from the event; the column list is owned, so that one object can
// be reused.
struct TableMap {
  std::uint64_t table_id = 0;  // 48 bits; means nothing outside the stream
  std::uint16_t flags = 0;
  std::string_view database;
  std::string_view table;
  std::vector<ColumnType> columns;
  base::ByteView metadata;           // of the types, as sent: metadata_width bytes for each column that has some
  base::ByteView null_bits;          // (columns + 7) / 8 bytes: set = nullable
  base::ByteView optional_metadata;  // type, length, value fields; may be empty
  // The body after the table id: what a plan is keyed by.
  base::ByteView definition;

  [[nodiscard]] bool nullable(std::size_t column) const { return bit_is_set(null_bits, column); }

  // Parses the event's body into `into`, whose memory is reused; it borrows from `body`. Errors: malformed (metadata is
  // consumed exactly), unsupported (type bytes that are not known).
  [[nodiscard]] static base::Result<void> parse(base::ByteView body, TableMap& into);
};

// Fields of the optional metadata (libs/mysql/binlog/event/rows_event.h, Optional_metadata_field_type).
enum class OptionalMetadataField : std::uint8_t {
  signedness = 1,
  default_charset = 2,
  column_charset = 3,
  column_name = 4,
  set_string_values = 5,
  enum_string_values = 6,
  geometry_type = 7,
  simple_primary_key = 8,
  primary_key_with_prefix = 9,
  enum_set_default_charset = 10,
  enum_set_column_charset = 11,
  visibility = 12,
  vector_dimension = 13,
};

// The optional metadata decoded per column. Vectors are empty when the field is absent; otherwise as long as the column
// list.
struct OptionalMetadata {
  bool has_signedness = false;
  std::vector<bool> is_unsigned;
  std::vector<std::string_view> names;                 // borrowed; empty vector when the source sends none
  std::vector<std::uint32_t> collations;               // 0 where the column has none
  std::vector<std::vector<std::string_view>> members;  // ENUM and SET members, borrowed
  std::vector<std::uint32_t> primary_key;              // column ordinals
  bool has_unknown_field = false;

  [[nodiscard]] static base::Result<OptionalMetadata> parse(const TableMap& map, Flavor flavor);
};

// Appends a table map body without the columns whose `keep` is false: count, types, metadata, null bits and every
// optional list re-indexed; fields that are not known and fields left empty are removed. `keep` is as long as
// map.columns. With an all-true `keep` and only known fields the result equals the original body, byte for byte.
[[nodiscard]] base::Result<void> rewrite_table_map(const TableMap& map, Flavor flavor, const std::vector<bool>& keep,
                                                   base::Buffer& into);

}  // namespace relay::binlog
