#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/binlog/stream_state.h"
#include "relay/binlog/table_map.h"
#include "scrub_rules/event_scrubber.h"
#include "scrub_rules/rule_set.h"
#include "tests/scrub_rules/row_model.h"
#include "tests/support/faulty_file.h"

namespace relay::scrub_rules::testing {

// One event as plain data.
struct PlainEvent {
  binlog::EventHeader header;
  std::string body;
  [[nodiscard]] binlog::EventType type() const { return header.type(); }
  [[nodiscard]] std::string bytes() const;  // without checksum
};

[[nodiscard]] PlainEvent make_event(binlog::EventType type, std::string body, std::uint16_t flags = 0);
[[nodiscard]] PlainEvent make_query(std::string_view statement, std::string_view database = "d");
[[nodiscard]] std::string statement_of(const PlainEvent& query);
// The events of a golden binlog, format description first; checksums cut off.
[[nodiscard]] std::vector<PlainEvent> golden_events(const std::string& name);
[[nodiscard]] std::vector<std::string> golden_names();

// A scrubber with what stands around it in the relay: stream state, schema history, opening of containers, commit at
// the end of each transaction. What it writes is fed to a second stream state, which stands for a replica.
class StreamTester {
 public:
  StreamTester(const std::string& rules, binlog::Flavor flavor, bool fold_case = false);

  // The error that stopped the stream; the events before it are in written().
  std::optional<base::Error> feed(const std::vector<PlainEvent>& events);
  std::optional<base::Error> feed(const PlainEvent& event);
  // Starts the stream with the format description event of a golden binlog.
  void start_like(const std::string& golden);

  [[nodiscard]] const std::vector<PlainEvent>& written() const { return written_; }
  [[nodiscard]] std::string written_text() const;  // all bodies
  // "GTID QUERY(BEGIN) MAP ROWS XID ..." of what was written.
  [[nodiscard]] std::string summary() const;
  [[nodiscard]] SchemaHistory& history() { return *history_; }
  [[nodiscard]] const RuleSet& rules() const { return rules_; }
  [[nodiscard]] EventScrubber& scrubber() { return *scrubber_; }
  [[nodiscard]] const binlog::StreamState& replica() const { return replica_; }
  void clear_written() { written_.clear(); }

 private:
  base::Result<void> take(const binlog::EventView& event);
  base::Result<void> take_inner(const binlog::EventView& event);
  base::Result<void> write(const binlog::EventDraft& draft);

  relay::testing::FaultyFileSystem files_;
  RuleSet rules_;
  std::unique_ptr<SchemaHistory> history_;
  std::unique_ptr<EventScrubber> scrubber_;
  binlog::StreamState source_, replica_;
  std::uint64_t position_ = 0;
  std::vector<PlainEvent> written_;
};

// The rows of a stream by table, decoded with the table maps in it. Throws when rows do not fit their map.
struct DecodedRows {
  std::string table;               // database.table
  std::vector<std::string> names;  // empty when the map has none
  ModelEvent event;
};
[[nodiscard]] std::vector<DecodedRows> decode_rows(const std::vector<PlainEvent>& events, binlog::Flavor flavor);

}  // namespace relay::scrub_rules::testing
