#pragma once

#include <cstdint>
#include <optional>

#include "relay/base/byte_reader.h"
#include "relay/proof/expectations.h"

namespace relay::proof {

// Which lists of a table map's optional metadata have an entry for a column.
enum class ColumnClass : std::uint8_t { number, character, enum_, set, geometry, vector, other };

// A column as a written table map has it, read by the proof's own knowledge of the types
// (libs/mysql/binlog/event/rows_event.h, sql/field.cc and MariaDB's sql/field.cc).
struct WrittenColumn {
  ExpectedType type;
  ColumnClass column_class = ColumnClass::other;
  bool json = false;
  // A cell that is not NULL has either a length of `length_bytes` and as many bytes as that says, or `size` bytes.
  std::uint8_t length_bytes = 0;
  std::uint8_t size = 0;
};

// Reads the column of type byte `code` from its metadata. None when there is no such type, or none whose cells can be
// measured. `digits`: of MariaDB's old temporal types.
[[nodiscard]] std::optional<WrittenColumn> read_column(std::uint8_t code, base::ByteReader& metadata,
                                                       std::uint8_t digits);

}  // namespace relay::proof
