#include "relay/spool/published_tail.h"

#include <algorithm>

namespace relay::spool {

void PublishedTail::publish(const SpoolPosition& position) {
  {
    const base::MutexLock lock(mutex_);
    if (position <= position_) return;
    position_ = position;
  }
  moved_.notify_all();
}

SpoolPosition PublishedTail::get() const {
  const base::MutexLock lock(mutex_);
  return position_;
}

SpoolPosition PublishedTail::wait_beyond(const SpoolPosition& seen, std::chrono::milliseconds timeout) const {
  // A day is as good as forever, and adding it to the clock cannot overflow.
  const auto deadline =
      std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(timeout, std::chrono::hours(24));
  const base::MutexLock lock(mutex_);
  const std::uint64_t wakes = wakes_;
  while (position_ <= seen && wakes_ == wakes) {
    if (moved_.wait_until(mutex_, deadline) == std::cv_status::timeout) break;
  }
  return position_;
}

void PublishedTail::wake_all() {
  {
    const base::MutexLock lock(mutex_);
    ++wakes_;
  }
  moved_.notify_all();
}

}  // namespace relay::spool
