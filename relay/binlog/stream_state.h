#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/format_description.h"
#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

// The grammar of one stream, followed event by event; the same object serves the source's stream, spool recovery, the
// spool reader and inspect, so that they cannot disagree on where a transaction ends.
//
//   file        = format_description { control } { transaction }
//   transaction = [gtid] ( ddl_query | "BEGIN" { event } terminator )
//   terminator  = xid | "COMMIT" | "ROLLBACK" | xa_prepare
//   MariaDB: gtid with STANDALONE is followed by exactly one event; else by events up to the terminator (BEGIN is
//   implied, no BEGIN query is written by the server).
class StreamState {
 public:
  enum class Place : std::uint8_t { before_format, between_transactions, after_gtid, inside_transaction };

  // What the event was for the grammar.
  struct Step {
    bool begins_transaction =
        false;                      // first event of a transaction (its GTID event, or the event itself without GTIDs)
    bool ends_transaction = false;  // the transaction is whole with this event
    bool artificial = false;        // has no place in the file
  };

  // Advances by one event of the stream (decompressed containers: by their inner events, with `inner` true).
  // Errors: malformed when the event may not stand here.
  [[nodiscard]] base::Result<Step> advance(const EventView& event);

  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] const FormatDescription& format() const { return format_; }
  // Checksum of the events that follow: of the last format description, or `initial_checksum` before the first.
  [[nodiscard]] ChecksumAlgorithm checksum() const { return checksum_; }
  void set_initial_checksum(ChecksumAlgorithm checksum) { checksum_ = checksum; }
  // Of the transaction that is open or was just ended.
  [[nodiscard]] const std::optional<MysqlGtidEvent>& mysql_gtid() const { return mysql_gtid_; }
  [[nodiscard]] const std::optional<MariadbGtidEvent>& mariadb_gtid() const { return mariadb_gtid_; }
  // Forgets an open transaction (the connection was lost inside it); the format description stays.
  void abandon_transaction();

 private:
  Place place_ = Place::before_format;
  ChecksumAlgorithm checksum_ = ChecksumAlgorithm::none;
  FormatDescription format_;
  std::optional<MysqlGtidEvent> mysql_gtid_;
  std::optional<MariadbGtidEvent> mariadb_gtid_;
};

}  // namespace relay::binlog
