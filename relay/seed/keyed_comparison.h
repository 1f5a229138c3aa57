#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/key_settling.h"
#include "relay/seed/table_side.h"
#include "relay/seed/verify_findings.h"

namespace relay::seed {

// What all comparisons of a run share. Borrowed; any thread may use it.
struct Comparing {
  const RowHasher& hasher;
  const ReplicaProgress& following;
  LoadLimit& limit;
  VerifyProgress& progress;
  const base::StopToken& stop;
  std::chrono::seconds max_lag{30};
};

// Waits while the replica is too far behind.
[[nodiscard]] base::Result<void> keep_up(const Comparing& comparing, source::SourceConnection& replica);

// Compares a table whose key leaves as it is, a range at a time.
class KeyedComparison {
 public:
  // Is told a key up to which all has been compared and settled.
  using Done = std::function<base::Result<void>(const KeyValues& up_to)>;

  KeyedComparison(const Comparing& comparing, TableSide& source, TableSide& replica, TableFindings& findings, Done done)
      : comparing_(comparing),
        source_(source),
        replica_(replica),
        findings_(findings),
        done_(std::move(done)),
        settling_(source, replica, comparing.following, comparing.stop) {}

  // Compares the rows behind `after`, or all. Errors: those of reading and following; interrupted.
  [[nodiscard]] base::Result<void> run(std::optional<KeyValues> after);

 private:
  using Clock = std::chrono::steady_clock;
  struct Chunk {
    KeyRange range;
    KeyedRows source, replica;
  };
  base::Result<Chunk> read_chunk(std::optional<KeyValues> after, std::uint64_t most);
  base::Result<void> add_suspects(const Chunk& chunk);
  base::Result<void> settle_pending();
  base::Result<void> settle(std::vector<KeyValues> keys, const KeyRange& range);
  base::Result<void> name_columns(const std::vector<std::pair<RowDifference, KeyValues>>& different);

  const Comparing& comparing_;
  TableSide& source_;
  TableSide& replica_;
  TableFindings& findings_;
  Done done_;
  KeySettling settling_;
  std::vector<KeyValues> pending_;
  Clock::time_point settled_ = Clock::now();
  std::size_t named_ = 0;  // rows whose columns were compared
};

}  // namespace relay::seed
