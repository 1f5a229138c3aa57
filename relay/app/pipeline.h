#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/app/audit_counts.h"
#include "relay/app/relay_status.h"
#include "relay/app/resolution.h"
#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/stream_state.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/event_scrubber.h"
#include "scrub_rules/passed_transaction.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

// Servers send no event above their own limit of max_allowed_packet, 1 GiB (sql/sys_vars.cc).
inline constexpr std::size_t kMaximumOpenedEvent = std::size_t{1} << 30;

// Which part of the way of a byte an error came from: it decides what happens next.
enum class FailedStage : std::uint8_t {
  none,
  stream,  // the event's own bytes, the rules, or what nobody understands: halt
  spool,   // the disk: wait and try again
};

// The way of one event, from the source's stream into the spool: grammar, containers, scrubber, writer. No network in
// it, so a file can feed it as well as a connection. The source thread owns it. After an error only abandon() may be
// called; then the events are fed again from the writer's resume point.
class Pipeline {
 public:
  struct Parts {
    scrub_rules::EventScrubber& scrubber;
    scrub_rules::SchemaHistory& history;
    spool::SpoolWriter& writer;
    RelayStatus& status;
    // Of a daemon; none where a file feeds the pipeline: then nothing is resolved, recorded or counted.
    scrub_rules::PassedTransaction* passed = nullptr;
    Audit* audit = nullptr;
    AuditCounts* counts = nullptr;
  };
  // What of a spool file's index entry does not come from the stream.
  struct FileFacts {
    spool::SourceIdentity source;
    std::string source_version;
    std::string rules_digest;
    spool::GtidState gtids_before;  // used for the first file of an empty spool only
    spool::SourcePosition
        entered_at;        // where the stream enters that file; later files are entered at their first event
    bool by_gtid = false;  // the stream was asked for by GTIDs: it may enter its first file anywhere
  };
  // `current_file` is the source file that the spool's last file was made from; empty for an empty spool, and where the
  // stream comes from another source. It counts too where a file after that one could not be begun: begun again, it
  // would be taken for one that is read from its start.
  Pipeline(Parts parts, FileFacts facts, std::string current_file, std::uint32_t spool_file);

  // One event of the source; `source_end` is the offset behind it in `source_file` (of its container, for what lies
  // inside one).
  [[nodiscard]] base::Result<void> process(const binlog::EventView& event, std::string_view source_file,
                                           std::uint64_t source_end);

  // The connection was lost, or an error came: forgets the open transaction everywhere.
  [[nodiscard]] base::Result<void> abandon();

  // What the operator decided about the transaction that stopped the stream: carried out when that one comes, and at no
  // other. REQUIRES: Parts::passed.
  void set_resolution(std::optional<Resolution> resolution) { resolution_ = std::move(resolution); }
  // True as soon as the resolution has been carried out and is durable in the spool.
  [[nodiscard]] bool has_resolved() const { return has_resolved_; }

  // Transactions that are in the spool since this pipeline was made.
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

  [[nodiscard]] FailedStage failed_stage() const { return failed_stage_; }
  // The transaction that is open, or was when the error came; without one, where the next event would begin it.
  [[nodiscard]] TransactionName transaction() const;

 private:
  struct EventCounts {
    std::uint32_t kept = 0, replaced = 0, dropped = 0;
  };
  void note_start(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end);
  [[nodiscard]] base::Result<void> process_plain(const binlog::EventView& event, std::string_view source_file,
                                                 std::uint64_t source_end);
  [[nodiscard]] base::Result<void> open_container(const binlog::EventView& event, std::string_view source_file,
                                                  std::uint64_t source_end);
  [[nodiscard]] base::Result<void> enter_file(std::string_view source_file);
  void tell_unknown_types();
  [[nodiscard]] bool begins_known();
  [[nodiscard]] base::Result<void> drop_open_transaction();
  [[nodiscard]] base::Result<void> write(const scrub_rules::Scrubbed& scrubbed);
  [[nodiscard]] base::Result<void> commit(std::uint32_t timestamp, std::string_view source_file,
                                          std::uint64_t source_end);
  // Passing over the transaction of the resolution (pipeline_resolving.cc). True: the event belonged to it and is done
  // with.
  [[nodiscard]] base::Result<bool> resolve(const binlog::EventView& event, std::string_view source_file,
                                           std::uint64_t source_end);
  [[nodiscard]] bool begins_resolved(const binlog::EventView& event, std::string_view source_file,
                                     std::uint64_t source_end) const;
  [[nodiscard]] base::Result<void> pass(const binlog::EventView& event, std::string_view source_file,
                                        std::uint64_t source_end);
  [[nodiscard]] base::Result<void> pass_container(const binlog::EventView& event, std::string_view source_file,
                                                  std::uint64_t source_end);
  [[nodiscard]] base::Result<void> end_passing(const binlog::EventHeader& like, std::string_view source_file,
                                               std::uint64_t source_end);
  // Remembers that an error belongs to the disk, not to the stream.
  [[nodiscard]] base::Result<void> at_spool(base::Result<void> result);

  Parts parts_;
  FileFacts facts_;
  binlog::StreamState state_;
  std::string current_file_;
  bool entered_ = false;  // the stream has named its first file
  std::uint32_t spool_file_;
  EventCounts counts_;
  std::vector<std::uint8_t> told_types_;  // not known, as the last format description had them
  spool::SourcePosition transaction_start_;
  bool in_transaction_ = false;  // an event of it was taken and it is not committed
  bool is_known_ = false;        // the spool has it already
  bool told_known_ = false;
  std::optional<Resolution> resolution_;
  bool passing_ = false;
  bool has_resolved_ = false;
  std::uint64_t commits_ = 0;
  base::Buffer opened_;  // a decompressed event
  FailedStage failed_stage_ = FailedStage::none;
};

}  // namespace relay::app
