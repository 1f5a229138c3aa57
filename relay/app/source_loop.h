#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/app/back_off.h"
#include "relay/app/configuration.h"
#include "relay/app/egress.h"
#include "relay/app/pipeline.h"
#include "relay/app/relay_status.h"
#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/secret.h"
#include "relay/base/stop_token.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_stream.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

// The source thread: connects, goes on where the spool ends, and feeds the pipeline until it is told to stop. A lost source or a full disk is
// tried again for ever; what the rules forbid or nobody understands halts the stream, while replicas go on being served.
class SourceLoop {
 public:
  struct Parts {
    const Configuration& configuration;
    const scrub_rules::RuleSet& rules;
    base::FileSystem& files;
    spool::SpoolIndex& index;
    spool::SpoolWriter& writer;
    RelayStatus& status;
    std::string replica_uuid;  // what the relay calls itself towards a MySQL source
    const base::Secret& xa_key;
  };
  explicit SourceLoop(Parts parts);

  // Returns when stop() was called. One thread, once.
  void run();
  // Any thread: wakes whatever the loop waits for.
  void stop();

 private:
  enum class Next : std::uint8_t { connect_again, halted };

  [[nodiscard]] base::Result<void> connect_and_stream();
  // As long as it lives, stop() interrupts it.
  [[nodiscard]] base::Result<std::shared_ptr<source::SourceConnection>> connect(source::SourceConnection::Purpose purpose);
  [[nodiscard]] base::Result<void> prepare(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<void> first_start(const source::SourceFacts& facts);
  [[nodiscard]] base::Result<source::DumpRequest> dump_request(const source::SourceFacts& facts) const;
  [[nodiscard]] base::Result<void> follow(source::SourceStream& stream);
  [[nodiscard]] Next judge(const base::Error& error);
  void forget_stream();
  [[nodiscard]] bool passes_by_itself(const base::Error& error) const;

  Parts parts_;
  base::StopToken stop_;
  BackOff back_off_;
  Egress egress_;
  std::unique_ptr<scrub_rules::SchemaHistory> history_;
  std::unique_ptr<scrub_rules::EventScrubber> scrubber_;
  std::unique_ptr<Pipeline> pipeline_;
  // Of the first start, until the spool has a file.
  std::optional<spool::SourcePosition> first_position_;
  bool first_by_gtid_ = false;
  spool::GtidState first_gtids_;
  // Where the transaction that is being read began.
  spool::SourcePosition transaction_start_;
  spool::SourcePosition event_end_;

  base::Mutex connections_mutex_;
  std::vector<std::weak_ptr<source::SourceConnection>> connections_ RELAY_GUARDED_BY(connections_mutex_);
};

// Who a source is, as the spool's index keeps it.
[[nodiscard]] spool::SourceIdentity source_identity(const source::SourceFacts& facts);

}  // namespace relay::app
