#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/base/stop_token.h"

namespace relay::seed {

// How far a comparison is; any thread may read it.
struct VerifyProgress {
  std::atomic<std::uint64_t> estimated_rows{0};  // of the source
  std::atomic<std::uint64_t> rows{0};            // of the source, read once
  std::atomic<std::uint64_t> tables{0};
  std::atomic<std::uint64_t> tables_done{0};
  std::atomic<std::uint64_t> waiting{0};  // readers that wait for the replica
};

// How many rows a second all readers together take from both servers. Any thread may use it.
class LoadLimit {
 public:
  // 0: no limit.
  LoadLimit(std::uint64_t rows_per_second, const base::StopToken& stop) : rate_(rows_per_second), stop_(stop) {}
  // Waits until `rows` more may be taken. Errors: interrupted.
  [[nodiscard]] base::Result<void> take(std::uint64_t rows);

 private:
  using Clock = std::chrono::steady_clock;
  std::uint64_t rate_;
  const base::StopToken& stop_;
  base::Mutex mutex_;
  Clock::time_point next_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::seed
