#include "tunnel/tunnel_probe.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>

#include "relay/base/log.h"

namespace relay::tunnel {

using base::ErrorKind;
using base::Result;

Result<void> TunnelProbe::step(Deadline now) {
  if (state_ == State::idle) {
    // The last one's channel, until the host agrees that it is closed.
    static_cast<void>(channel_.close());
    if (now >= due_) RELAY_TRY(begin(now));
  }
  if (state_ == State::opening) RELAY_TRY(open(now));
  if (state_ == State::sending) RELAY_TRY(send(now));
  if (!is_pending() || now - begun_ <= 2 * settings_.keepalive) return {};
  return base::fail(
      base::Error(ErrorKind::io, "nothing comes back through the tunnel").about(settings_.name()).code(ETIMEDOUT));
}

Result<void> TunnelProbe::begin(Deadline now) {
  if (RAND_bytes(number_.data(), static_cast<int>(number_.size())) != 1)
    return base::fail(ErrorKind::io, "no random numbers are to be had");
  sent_ = 0;
  begun_ = asked_ = now;
  state_ = State::opening;
  return {};
}

Result<void> TunnelProbe::open(Deadline now) {
  if (!channel_.close()) return {};  // the last one's; a host that does not answer that answers nothing
  RELAY_ASSIGN(auto answer, session_.open_to_own_listener());
  if (answer.state == SshSession::Opening::pending) return {};
  if (answer.state != SshSession::Opening::open) return settle_without_number(answer.state, now);
  channel_ = std::move(answer.channel);
  state_ = State::sending;
  return {};
}

Result<void> TunnelProbe::send(Deadline now) {
  if (sent_ == 0) asked_ = now;
  RELAY_ASSIGN(const std::size_t taken, channel_.write(base::ByteView(number_.data(), number_.size()).sub(sent_)));
  sent_ += taken;
  if (sent_ == number_.size()) state_ = State::waiting;
  return {};
}

Result<void> TunnelProbe::settle_without_number(SshSession::Opening answer, Deadline now) {
  if (answer == SshSession::Opening::unreachable && was_found_) {
    return base::fail(
        base::Error(ErrorKind::peer, "the host does not listen for the tunnel any more").about(settings_.name()));
  }
  if (!is_told_) {
    base::log(base::LogLevel::info,
              "tunnel {}: the account may not connect to {} (permitopen, AllowTcpForwarding), so that the way through "
              "the tunnel is not tested to its end; the host's answers show that it lives",
              settings_.name(), settings_.remote_listen());
  }
  is_told_ = true;
  settle(now);
  return {};
}

TunnelProbe::Match TunnelProbe::compare(base::ByteView first) const {
  const std::size_t size = std::min(first.size(), number_.size());
  if (!is_pending() || !std::equal(first.begin(), first.begin() + size, number_.begin())) return Match::no;
  return size == number_.size() ? Match::yes : Match::not_yet;
}

void TunnelProbe::found(Deadline now) {
  was_found_ = true;
  settle(now);
}

void TunnelProbe::settle(Deadline now) {
  round_trip_ = std::chrono::ceil<std::chrono::microseconds>(now - asked_);
  due_ = now + settings_.keepalive;
  state_ = State::idle;
}

Deadline TunnelProbe::next() const {
  return is_pending() ? begun_ + 2 * settings_.keepalive + std::chrono::milliseconds(1) : due_;
}

}  // namespace relay::tunnel
