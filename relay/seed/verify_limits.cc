#include "relay/seed/verify_limits.h"

#include <algorithm>

namespace relay::seed {

namespace {

constexpr std::chrono::milliseconds kShortestPause{5};

}  // namespace

base::Result<void> LoadLimit::take(std::uint64_t rows) {
  std::chrono::milliseconds pause{0};
  if (rate_ > 0) {
    const base::MutexLock lock(mutex_);
    const Clock::time_point now = Clock::now();
    next_ = std::max(next_, now) + std::chrono::nanoseconds(rows * 1'000'000'000 / rate_);
    pause = std::chrono::duration_cast<std::chrono::milliseconds>(next_ - now);
  }
  const bool stopped = pause < kShortestPause ? stop_.stop_requested() : stop_.wait_for(pause);
  if (stopped) return base::fail(base::ErrorKind::interrupted, "stopped");
  return {};
}

}  // namespace relay::seed
