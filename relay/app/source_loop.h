#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/app/egress.h"
#include "relay/app/pipeline.h"
#include "relay/app/relay_status.h"
#include "relay/app/rules_in_force.h"
#include "relay/base/back_off.h"
#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/secret.h"
#include "relay/base/stop_token.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_stream.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/rules_change.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

// The source thread: connects, goes on where the spool ends, and feeds the pipeline until it is told to stop. A lost
// source or a full disk is tried again for ever; what the rules forbid or nobody understands halts the stream, while
// replicas go on being served.
class SourceLoop {
 public:
  struct Parts {
    const Configuration& configuration;
    std::shared_ptr<const Rules> rules;  // as the configuration has them
    base::FileSystem& files;
    spool::SpoolIndex& index;
    spool::SpoolWriter& writer;
    RelayStatus& status;
    Audit& audit;
    std::string replica_uuid;  // what the relay calls itself towards a MySQL source
    const base::Secret& xa_key;
  };
  explicit SourceLoop(Parts parts);

  // Returns when stop() was called. One thread, once.
  void run();
  // Any thread: wakes whatever the loop waits for.
  void stop();
  // Any thread: a try is made at once if the stream stands still, and from the next transaction on these rules are in
  // force if replicas stay right under them; else the old ones stay.
  void offer_rules(std::shared_ptr<const Rules> rules);

 private:
  enum class Next : std::uint8_t { connect_again, halted };

  [[nodiscard]] base::Result<void> connect_and_stream();
  // As long as it lives, stop() interrupts it.
  [[nodiscard]] base::Result<std::shared_ptr<source::SourceConnection>> connect(
      source::SourceConnection::Purpose purpose);
  void interrupt_connections() RELAY_REQUIRES(connections_mutex_);
  [[nodiscard]] base::Result<void> open_history(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<void> prepare(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<void> first_start(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<bool> check_successor(source::SourceConnection& connection,
                                                   const source::SourceFacts& facts);
  [[nodiscard]] base::Result<void> require_same_server(source::SourceConnection& connection,
                                                       const spool::SourceIdentity& identity) const;
  [[nodiscard]] bool goes_by_gtid(const source::SourceFacts& facts) const;
  [[nodiscard]] base::Result<source::DumpRequest> dump_request(const source::SourceFacts& facts) const;
  [[nodiscard]] base::Result<void> follow(source::SourceStream& stream);
  [[nodiscard]] Next judge(const base::Error& error);
  // Cuts away what is open; after a failure forgets everything that was made for the stream, the schema history too.
  // Returns what had failed.
  FailedStage drop_stream();
  // Which rules are in force from here on (source_loop_rules.cc). Errors: rule, where the relay was started with rules
  // that the spool cannot go on under.
  [[nodiscard]] base::Result<void> settle_rules(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<void> take_rules(std::shared_ptr<const Rules> wanted,
                                              const scrub_rules::RulesComparison& comparison);
  [[nodiscard]] base::Result<void> refuse_rules(const Rules& wanted, const scrub_rules::RulesComparison& comparison);
  // False when a stop was asked for.
  [[nodiscard]] bool wait_to_retry(std::chrono::milliseconds time);
  void halt(const base::Error& error, const TransactionName& transaction, bool at_transaction);
  // Until there is a reason to try again; false when a stop was asked for.
  [[nodiscard]] bool wait_halted();
  void note_halt();
  void record_halt();
  void read_resolution();
  // One whose transaction does not lie behind the spool's end, or is another source's, is void.
  void judge_resolution(const spool::SourceIdentity& source);
  void void_resolution(std::string_view why);
  // The same, but where the record has it as carried out.
  void discard_resolution(std::string_view why);
  void forget_resolution();
  // A transaction is in the spool: nothing of the halt is left.
  void leave_halt();
  void read_halt_files();
  [[nodiscard]] std::string source_address() const;
  [[nodiscard]] const std::string& directory() const { return parts_.configuration.spool.directory; }
  [[nodiscard]] bool passes_by_itself(const base::Error& error) const;
  [[nodiscard]] bool take_retry();

  Parts parts_;
  base::StopToken stop_;
  base::BackOff back_off_;
  Egress egress_;
  std::unique_ptr<scrub_rules::SchemaHistory> history_;
  std::unique_ptr<scrub_rules::EventScrubber> scrubber_;
  std::unique_ptr<scrub_rules::PassedTransaction> passed_;
  std::unique_ptr<Pipeline> pipeline_;
  // Of the first start, until the spool has a file.
  std::optional<spool::SourcePosition> first_position_;
  bool first_by_gtid_ = false;
  bool dumping_ = false;  // the source was asked for its log
  spool::GtidState first_gtids_;
  spool::SourcePosition stream_start_;
  spool::SourcePosition event_end_;

  std::shared_ptr<const Rules> rules_;  // in force; null before the first connection
  bool rules_were_taken_ = false;       // by this process: it goes on under them when others are refused
  AuditCounts counts_;
  scrub_rules::ScrubberSettings settings_;
  std::uint32_t source_version_ = 0;
  std::optional<HaltNote> halt_;  // told in the spool directory, or to be told there
  bool halt_is_noted_ = false;
  bool halt_is_recorded_ = false;
  bool halt_record_fails_ = false;
  bool has_halt_files_ = false;
  std::optional<Resolution> resolution_;

  base::Mutex connections_mutex_;
  std::vector<std::weak_ptr<source::SourceConnection>> connections_ RELAY_GUARDED_BY(connections_mutex_);
  std::shared_ptr<const Rules> wanted_ RELAY_GUARDED_BY(connections_mutex_);
  bool retry_ RELAY_GUARDED_BY(connections_mutex_) = false;
};

// Who a source is, as the spool's index keeps it.
[[nodiscard]] spool::SourceIdentity source_identity(const source::SourceFacts& facts);

}  // namespace relay::app
