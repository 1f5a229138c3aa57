#include "relay/server/login_guard.h"

#include <algorithm>

namespace relay::server {

namespace {

constexpr std::chrono::minutes kForgotten{15};  // without another failure

}  // namespace

LoginGuard::Attempt LoginGuard::begin(Client client, Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  const auto found = failures_.find(client);
  if (found == failures_.end()) return {this, std::move(client), false};
  const bool blocked = now < found->second.until || found->second.going_on;
  if (!blocked) found->second.going_on = true;
  return {blocked ? nullptr : this, std::move(client), blocked};
}

LoginGuard::Attempt::~Attempt() {
  if (guard_ == nullptr) return;
  const base::MutexLock lock(guard_->mutex_);
  const auto found = guard_->failures_.find(client_);
  if (found != guard_->failures_.end()) found->second.going_on = false;
}

std::chrono::milliseconds LoginGuard::Attempt::refused(Clock::time_point answered) {
  const base::MutexLock lock(guard_->mutex_);
  auto& all = guard_->failures_;
  if (all.size() >= kMaximumEntries && !all.contains(client_)) {
    const auto quiet = std::ranges::min_element(all, {}, [](const auto& entry) { return entry.second.last; });
    all.erase(quiet);
  }
  Failures& failures = all[client_];
  if (answered - failures.last > kForgotten) failures.count = 0;
  failures.last = answered;
  ++failures.count;
  if (failures.count < kFree) return {};
  const std::uint32_t doublings = std::min<std::uint32_t>(failures.count - kFree, 6);
  const auto wait = std::min(kFirstWait * (1U << doublings), kLongestWait);
  failures.until = answered + wait;
  return std::chrono::duration_cast<std::chrono::milliseconds>(wait);
}

void LoginGuard::Attempt::accepted() {
  const base::MutexLock lock(guard_->mutex_);
  guard_->failures_.erase(client_);
}

}  // namespace relay::server
