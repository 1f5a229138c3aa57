#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "relay/app/resolution.h"
#include "relay/base/mutex.h"
#include "relay/spool/spool_types.h"
#include "scrub_rules/event_scrubber.h"

namespace relay::app {

enum class RelayPhase : std::uint8_t {
  starting,
  connecting,  // to the source, or waiting before the next try
  streaming,
  waiting,  // for the disk: the spool cannot be written
  halted,   // fail closed: the stream stopped before a transaction
  stopping,
};

[[nodiscard]] std::string_view phase_name(RelayPhase phase);

// Why and where the stream stopped.
struct HaltReport {
  std::string reason;           // Error::message(): no value, no statement
  TransactionName transaction;  // that was stopped before
  spool::SourcePosition event_end;
};

// What status, metrics and health are made from. The source thread writes, the admin thread reads; any thread may call
// any member.
class RelayStatus {
 public:
  using Clock = std::chrono::system_clock;
  struct Snapshot {
    RelayPhase phase = RelayPhase::starting;
    std::string detail;  // why it is in this phase; an Error's message or empty
    Clock::time_point phase_since;
    std::optional<HaltReport> halt;
    std::string source_version;
    std::string source_id;
    std::optional<bool> source_gtid_mode;   // MySQL: gtid_mode is ON; none before the first connection
    spool::SourcePosition source_position;  // behind the last committed transaction
    std::string gtids;
    std::uint64_t transactions = 0;
    std::uint64_t source_bytes = 0;
    std::uint64_t reconnects = 0;
    std::string rules;          // digest of those in force
    std::string rules_refused;  // why those that were offered last are not in force; empty when they are
    scrub_rules::ScrubCounters scrub;
    Clock::time_point last_contact;  // last packet from the source
    double lag_seconds = 0;  // commit at the source to commit in the spool, of the newest transaction; 0 when caught up
    bool connected_once = false;
  };

  RelayStatus();
  [[nodiscard]] Snapshot get() const;
  void set_phase(RelayPhase phase, std::string detail = {});
  void halt(HaltReport report);
  // Changes any field of the snapshot under the lock.
  template <typename Change>
  void update(Change&& change) {
    const base::MutexLock lock(mutex_);
    change(snapshot_);
  }
  // Seconds that the spool is behind the source as of now: grows while the source is not heard from.
  [[nodiscard]] static double lag_now(const Snapshot& snapshot);

 private:
  mutable base::Mutex mutex_;
  Snapshot snapshot_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::app
