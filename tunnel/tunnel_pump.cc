#include "tunnel/tunnel_pump.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "relay/base/log.h"
#include "tunnel/dial.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::LogLevel;
using base::Result;

// Those that wait for the probe, and those that are being closed, too.
constexpr std::size_t kMostChannels = 2 * SshSession::kMostConnections;
static_assert(SshSession::kMostWaiting >= static_cast<int>(kMostChannels));

}  // namespace

base::Error TunnelPump::run() {
  while (!stop_.stop_requested()) {
    if (auto done = turn(); !done) return std::move(done).error();
    if (auto waited = wait(); !waited) return std::move(waited).error();
  }
  return base::Error(ErrorKind::interrupted, "the tunnel is being closed");
}

Result<void> TunnelPump::turn() {
  RELAY_TRY(take_in());
  const Deadline now = std::chrono::steady_clock::now();
  RELAY_TRY(probe_.step(now));
  for (const Join& join : joins_) {
    if (join->is_held()) RELAY_TRY(judge_held(*join, now));
  }
  RELAY_TRY(step_joins());
  SshSocket& socket = session_.socket();
  socket.flush();
  if (socket.failure() != 0) return base::fail(session_.failure());
  if (now - socket.last_received() > settings_.patience()) {
    return base::fail(
        base::Error(ErrorKind::io, "the host sends nothing any more").about(settings_.name()).code(ETIMEDOUT));
  }
  // What had to wait for this sending need not wait for the host.
  if (held_by_congestion_ && !socket.is_congested()) at_once_ = true;
  return {};
}

Result<void> TunnelPump::take_in() {
  SshSocket& socket = session_.socket();
  socket.allow_reading(SshSession::kReadPerTurn);
  for (;;) {
    RELAY_ASSIGN(auto channel, session_.accept());
    if (!channel) break;
    joins_.push_back(std::make_unique<ChannelJoin>(std::move(*channel)));
    if (joins_.size() > kMostChannels) joins_.back()->abandon();
  }
  at_once_ = socket.may_have_more();
  // All that has come is in libssh2's hands, and is looked at in this turn. Were more read behind the back of a
  // connection that had its step, nothing would wake it.
  socket.allow_reading(0);
  return {};
}

Result<void> TunnelPump::judge_held(ChannelJoin& join, Deadline now) {
  RELAY_ASSIGN(const base::ByteView first, join.first_bytes(TunnelProbe::kNumberSize));
  switch (probe_.compare(first)) {
    case TunnelProbe::Match::yes:
      join.abandon();
      probe_.found(now);
      break;
    case TunnelProbe::Match::no:
      join_to_local(join);
      break;
    case TunnelProbe::Match::not_yet:
      break;
  }
  return {};
}

std::size_t TunnelPump::connections() const {
  const auto is_joined = [](const Join& join) { return join->is_joined(); };
  return static_cast<std::size_t>(std::count_if(joins_.begin(), joins_.end(), is_joined));
}

void TunnelPump::join_to_local(ChannelJoin& join) {
  if (connections() >= SshSession::kMostConnections) {
    if (!is_full_told_)
      base::log(LogLevel::warning, "tunnel {}: more than {} connections at once; those above are closed",
                settings_.name(), SshSession::kMostConnections);
    is_full_told_ = true;
    return join.abandon();
  }
  auto local = begin_local_connection(local_);
  if (local) return join.join(std::move(*local));
  tell_local_failure(local.error());
  join.abandon();
}

void TunnelPump::tell_local_failure(const base::Error& error) {
  std::string text = error.message();
  if (text != local_failure_)
    base::log(LogLevel::warning, "tunnel {}: a connection from there could not be joined: {}", settings_.name(), text);
  local_failure_ = std::move(text);
}

Result<void> TunnelPump::step_joins() {
  ChannelJoin::Step sum;
  held_by_congestion_ = false;
  std::size_t behind_last_writer = 0;
  for (std::size_t i = 0; i < joins_.size(); ++i) {
    RELAY_ASSIGN(const ChannelJoin::Step step, joins_[i]->step(session_.socket()));
    if (step.to_host > 0) behind_last_writer = i + 1;
    sum.to_host += step.to_host;
    sum.from_host += step.from_host;
    at_once_ = at_once_ || step.more;
    held_by_congestion_ = held_by_congestion_ || step.held_by_congestion;
    if (step.connect_failure != 0)
      tell_local_failure(base::Error(ErrorKind::io, "cannot connect").code(step.connect_failure));
  }
  // The first in the row has the first chance to write: next time it is the one that this time came too late.
  std::rotate(joins_.begin(), joins_.begin() + static_cast<std::ptrdiff_t>(behind_last_writer), joins_.end());
  std::erase_if(joins_, [](const Join& join) { return join->is_gone(); });
  if (connections() < SshSession::kMostConnections / 2) is_full_told_ = false;
  status_.moved(sum.to_host, sum.from_host, connections(), probe_.round_trip());
  return {};
}

Result<void> TunnelPump::wait() {
  SshSocket& socket = session_.socket();
  std::vector<pollfd> polls;
  polls.reserve(joins_.size() + 2);
  polls.push_back({stop_.descriptor(), POLLIN, 0});
  polls.push_back({socket.descriptor(), static_cast<short>(socket.has_unsent() ? POLLIN | POLLOUT : POLLIN), 0});
  for (const Join& join : joins_) polls.push_back({join->descriptor(), join->wanted_events(), 0});
  const Deadline next = std::min(probe_.next(), socket.last_received() + settings_.patience());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
  const auto time = at_once_ ? 0 : std::clamp<long long>(left.count() + 1, 0, 3600LL * 1000);
  if (::poll(polls.data(), polls.size(), static_cast<int>(time)) < 0 && errno != EINTR)
    return base::fail(base::Error(ErrorKind::io, "poll failed").code(errno));
  return {};
}

}  // namespace relay::tunnel
