#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "relay/base/byte_view.h"
#include "relay/binlog/event_view.h"

namespace relay::binlog {

// An event to be written: header fields and the body as slices, in order. Size, next position and checksum belong to
// whoever writes it down. Slices borrow from the packet and from the maker's scratch buffer: valid until the maker's
// next call.
struct EventDraft {
  EventHeader header;  // event_size and next_position are ignored
  std::span<const base::ByteView> body;
  // Offset in the body of the 8-byte little-endian transaction length of a MySQL GTID event (in its widest form), which
  // the spool writer patches when the transaction is whole.
  std::optional<std::size_t> transaction_length_offset;

  [[nodiscard]] std::size_t body_size() const {
    std::size_t size = 0;
    for (const base::ByteView slice : body) size += slice.size();
    return size;
  }
};

}  // namespace relay::binlog
