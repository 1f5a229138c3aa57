#pragma once

#include <chrono>
#include <cstdint>

#include "relay/app/audit.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/leaving_tally.h"

namespace relay::app {

// What left since the last entry that counts: in memory while it runs, written at the ends of spool files, every hour,
// and when the stream halts or stops. What a killed process had not written yet, the next start tells as a gap. The
// source thread owns it.
class AuditCounts {
 public:
  explicit AuditCounts(Audit& audit) : audit_(audit) {}

  // For the scrubber.
  [[nodiscard]] scrub_rules::LeavingTally& tally() { return tally_; }
  // A transaction is in the spool.
  void commit(const spool::SpoolWriter::Commit& commit);
  void abandon() { tally_.abandon(); }
  [[nodiscard]] bool due() const;
  // Everything up to `to`, the end of the spool; nothing when there is nothing. Many tables make several entries, of
  // which the last says up to where they count. Errors: io; what was not written then is written by the next call.
  [[nodiscard]] base::Result<void> write(const spool::SpoolPosition& to);

 private:
  Audit& audit_;
  scrub_rules::LeavingTally tally_;
  std::vector<spool::TableCounts> tables_;  // taken from the tally and not yet written
  std::uint64_t transactions_ = 0, events_kept_ = 0, events_replaced_ = 0, events_dropped_ = 0;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

}  // namespace relay::app
