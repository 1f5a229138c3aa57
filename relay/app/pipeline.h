#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/app/relay_status.h"
#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/stream_state.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/event_scrubber.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

// Which part of the way of a byte an error came from: it decides what happens next.
enum class FailedStage : std::uint8_t {
  none,
  stream,  // the event's own bytes, the rules, or what nobody understands: halt
  spool,   // the disk: wait and try again
};

// The way of one event, from the source's stream into the spool: grammar, containers, scrubber, writer. No network in it, so a file can
// feed it as well as a connection. The source thread owns it. After an error only abandon() may be called; then the events are fed again
// from the writer's resume point.
class Pipeline {
 public:
  struct Parts {
    scrub_rules::EventScrubber& scrubber;
    scrub_rules::SchemaHistory& history;
    spool::SpoolWriter& writer;
    RelayStatus& status;
  };
  // What of a spool file's index entry does not come from the stream.
  struct FileFacts {
    spool::SourceIdentity source;
    std::string source_version;
    std::string rules_digest;
    spool::GtidState gtids_before;     // used for the first file of an empty spool only
    spool::SourcePosition entered_at;  // where the stream enters that file; later files are entered at their first event
  };
  // `current_file` is the source file that the spool's last file was made from; empty for an empty spool.
  Pipeline(Parts parts, FileFacts facts, std::string current_file, std::uint32_t spool_file);

  // One event of the source; `source_end` is the offset behind it in `source_file` (of its container, for what lies inside one).
  [[nodiscard]] base::Result<void> process(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end);

  // The connection was lost, or an error came: forgets the open transaction everywhere.
  [[nodiscard]] base::Result<void> abandon();

  [[nodiscard]] FailedStage failed_stage() const { return failed_stage_; }
  // Of the transaction that is open or was open when the error came; empty when it has none.
  [[nodiscard]] std::string transaction_gtid() const;

 private:
  struct EventCounts {
    std::uint32_t kept = 0, replaced = 0, dropped = 0;
  };
  [[nodiscard]] base::Result<void> process_plain(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end);
  [[nodiscard]] base::Result<void> open_container(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end);
  [[nodiscard]] base::Result<void> enter_file(std::string_view source_file);
  void tell_unknown_types();
  [[nodiscard]] base::Result<void> drop_open_transaction();
  [[nodiscard]] base::Result<void> write(const scrub_rules::Scrubbed& scrubbed);
  [[nodiscard]] base::Result<void> commit(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end);
  // Remembers that an error belongs to the disk, not to the stream.
  [[nodiscard]] base::Result<void> at_spool(base::Result<void> result);

  Parts parts_;
  FileFacts facts_;
  binlog::StreamState state_;
  std::string current_file_;
  std::uint32_t spool_file_;
  EventCounts counts_;
  std::vector<std::uint8_t> told_types_;  // not known, as the last format description had them
  base::Buffer opened_;  // a decompressed event
  FailedStage failed_stage_ = FailedStage::none;
};

}  // namespace relay::app
