#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"

namespace relay::binlog {

enum class RowsKind : std::uint8_t { write, update, delete_ };

inline constexpr std::uint16_t kRowsFlagStatementEnd = 0x1;
// Table id of a rows event that belongs to no table: it only ends a statement.
inline constexpr std::uint64_t kDummyTableId = 0xffffffffffff;

// WRITE, UPDATE and DELETE_ROWS of version 1 and 2, PARTIAL_UPDATE_ROWS, and MariaDB's compressed ones before they are
// opened (their rows are not readable until then). All views borrow from the event.
struct RowsEvent {
  RowsKind kind = RowsKind::write;
  bool version_2 = false;
  bool partial_json = false;
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  base::ByteView extra_data;     // version 2: without its own two length bytes
  std::uint64_t width = 0;       // columns of the table
  base::ByteView present;        // columns-present bitmap of the before image (of the only image, except for update)
  base::ByteView present_after;  // of the after image; equals `present` unless kind is update
  base::ByteView rows;           // images, one behind the other; update: before and after in turn

  [[nodiscard]] bool ends_statement() const { return (flags & kRowsFlagStatementEnd) != 0; }
  // Errors: malformed; unsupported for other types. `width` is not yet compared with the table map. Where there are
  // rows, at least one column is present before or after: a walk over the images always moves on.
  [[nodiscard]] static base::Result<RowsEvent> parse(EventType type, base::ByteView body);
};

}  // namespace relay::binlog
