#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/format_description.h"
#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

enum class StreamRole : std::uint8_t;  // stream_role.h

// The grammar of one stream, followed event by event; the same object serves the source's stream, spool recovery, the
// spool reader and inspect, so that they cannot disagree on where a transaction ends.
//
//   stream      = { artificial rotate | heartbeat } file { file }
//   file        = format_description { control | transaction }
//   control     = previous_gtids | gtid_list | binlog_checkpoint | start_encryption | rotate | stop
//   transaction = [gtid] ( lone | opening { event } terminator )
//   lone        = { intvar | rand | user_var | load data block } ( statement | execute_load_query | incident )
//   opening     = "BEGIN" | "XA START ..." | "CREATE TABLE ... START TRANSACTION"
//   terminator  = xid | "COMMIT" | "ROLLBACK" | xa_prepare | "XA COMMIT ..." | "XA ROLLBACK ..."
//
// In MariaDB a GTID that is not STANDALONE is itself the opening: no BEGIN is written. A STANDALONE one is followed by
// exactly one event (and what may stand before that event: variables, annotation, table maps, rows that do not end
// their statement).
//
// Heartbeats and artificial events may come anywhere and change nothing. Of a TRANSACTION_PAYLOAD (40) the events
// inside count, not the payload: advance() over it does nothing, then the caller opens it and advances over each inner
// event; the inner terminator ends the transaction. (Whoever does not open it meets an error at the next GTID.)
// MariaDB's compressed events may be fed opened or not: their terminators are never compressed. Statements are looked
// at only to tell BEGIN, COMMIT, ROLLBACK and XA, which servers write themselves and always in one form.
class StreamState {
 public:
  enum class Place : std::uint8_t {
    before_format,
    between_transactions,
    after_gtid,  // in a transaction whose first statement has not come: after the GTID, or after variables for a lone
                 // statement
    inside_transaction,
  };

  // What the event was for the grammar.
  struct Step {
    bool begins_transaction =
        false;                      // first event of a transaction (its GTID event, or the event itself without GTIDs)
    bool ends_transaction = false;  // the transaction is whole with this event
    bool artificial = false;        // has no place in the file
    // A format description event of a server that has started anew (created is not 0) came inside a transaction: its
    // end was lost with the old server, and what was taken of it must be forgotten.
    bool abandons_transaction = false;
  };

  // Advances by one event of the stream. Errors: malformed when the event may not stand here or cannot be read;
  // unsupported as FormatDescription and the GTID events say. After an error the state is as before the event.
  [[nodiscard]] base::Result<Step> advance(const EventView& event);

  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] const FormatDescription& format() const { return format_; }
  // Checksum of the events that follow: of the last format description, or the one set before the first.
  [[nodiscard]] ChecksumAlgorithm checksum() const { return checksum_; }
  void set_initial_checksum(ChecksumAlgorithm checksum) { checksum_ = checksum; }
  // Of the transaction that is open or was just ended.
  [[nodiscard]] const std::optional<MysqlGtidEvent>& mysql_gtid() const { return mysql_gtid_; }
  [[nodiscard]] const std::optional<MariadbGtidEvent>& mariadb_gtid() const { return mariadb_gtid_; }
  // Forgets an open transaction (the connection was lost inside it); the format description stays.
  void abandon_transaction();

 private:
  [[nodiscard]] base::Result<Step> take(StreamRole role, const EventView& event);
  [[nodiscard]] base::Result<Step> take_format(const EventView& event);
  [[nodiscard]] base::Result<Step> take_gtid(const EventView& event);
  [[nodiscard]] base::Result<Step> take_rows(const EventView& event);
  [[nodiscard]] base::Result<Step> take_terminator(const EventView& event);
  [[nodiscard]] Step take_part();
  [[nodiscard]] Step take_statement();
  [[nodiscard]] Step take_opening();
  [[nodiscard]] Step begin();
  [[nodiscard]] Step end(Step step);
  // Behind a MariaDB GTID that is followed by one event, or by events up to a terminator.
  [[nodiscard]] bool at_standalone() const;
  [[nodiscard]] bool at_open_group() const;

  Place place_ = Place::before_format;
  ChecksumAlgorithm checksum_ = ChecksumAlgorithm::none;
  FormatDescription format_;
  std::optional<MysqlGtidEvent> mysql_gtid_;
  std::optional<MariadbGtidEvent> mariadb_gtid_;
};

}  // namespace relay::binlog
