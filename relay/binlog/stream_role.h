#pragma once

#include "relay/base/result.h"
#include "relay/binlog/event_view.h"

namespace relay::binlog {

// What an event is to the grammar of StreamState.
enum class StreamRole : std::uint8_t {
  nothing,      // changes nothing wherever it comes
  format,       // begins a file
  control,      // stands between transactions
  gtid,         // begins a transaction
  part,         // belongs to the statement that follows
  rows,         // table maps and rows
  statement,    // whole by itself, or one of many
  opening,      // begins what a terminator ends
  creation,     // CREATE TABLE ... START TRANSACTION: an opening that may also come behind a BEGIN
  terminator,   // ends the transaction
  prepared_xa,  // ends a prepared XA transaction: alone, or inside the one that it ends
};

// Looks at the type, and into a query event at its first words. Errors: malformed (a query event that cannot be read).
[[nodiscard]] base::Result<StreamRole> stream_role(const EventView& event);

// True for an event that was made for the wire and has no place in the file: heartbeats, the ROTATE that names a file,
// and a format description, GTID list or encryption start that is sent again in the middle of a file. (MariaDB 11.4 and
// later write next position 0 on all events inside a transaction, so that alone says nothing.)
[[nodiscard]] bool is_artificial(const EventHeader& header);

}  // namespace relay::binlog
