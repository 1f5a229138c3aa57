#pragma once

#include <chrono>
#include <cstdint>

#include "relay/base/mutex.h"
#include "relay/base/stop_token.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

// Where the spool ends for readers: always behind a whole transaction (or behind a file's own opening events). One
// writer publishes; any thread reads or waits. Only a position crosses here, no bytes.
class PublishedTail {
 public:
  // Never moves backwards.
  void publish(const SpoolPosition& position);
  [[nodiscard]] SpoolPosition get() const;
  // Waits until the tail lies beyond `seen`, `timeout` is over, or wake_all() is called; returns the tail.
  [[nodiscard]] SpoolPosition wait_beyond(const SpoolPosition& seen, std::chrono::milliseconds timeout) const;
  // Wakes every waiter once, for stopping and for closing sessions.
  void wake_all();

 private:
  mutable base::Mutex mutex_;
  mutable base::ConditionVariable moved_;
  SpoolPosition position_ RELAY_GUARDED_BY(mutex_);
  std::uint64_t wakes_ RELAY_GUARDED_BY(mutex_) = 0;
};

}  // namespace relay::spool
