#include "relay/server/login_guard.h"

#include <algorithm>

namespace relay::server {

namespace {

constexpr std::chrono::minutes kForgotten{15};  // without another failure

}  // namespace

bool LoginGuard::blocks(const Client& client, Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  const auto found = failures_.find(client);
  return found != failures_.end() && now < found->second.until;
}

std::chrono::milliseconds LoginGuard::refused(const Client& client, Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  if (failures_.size() >= kMaximumEntries && !failures_.contains(client)) {
    const auto quiet = std::ranges::min_element(failures_, {}, [](const auto& entry) { return entry.second.last; });
    failures_.erase(quiet);
  }
  Failures& failures = failures_[client];
  if (now - failures.last > kForgotten) failures.count = 0;
  failures.last = now;
  ++failures.count;
  if (failures.count < kFree) return {};
  const std::uint32_t doublings = std::min<std::uint32_t>(failures.count - kFree, 6);
  const auto wait = std::min(kFirstWait * (1U << doublings), kLongestWait);
  failures.until = now + wait;
  return std::chrono::duration_cast<std::chrono::milliseconds>(wait);
}

void LoginGuard::accepted(const Client& client) {
  const base::MutexLock lock(mutex_);
  failures_.erase(client);
}

}  // namespace relay::server
