#include "tunnel/tunnel_probe.h"

#include <fmt/format.h>
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
  if (state_ == State::waiting) RELAY_TRY(look_for_end(now));
  if (!is_pending() || now - begun_ <= 2 * settings_.keepalive) return {};
  return base::fail(
      base::Error(ErrorKind::io, "nothing comes back through the tunnel").about(settings_.name()).code(ETIMEDOUT));
}

Result<void> TunnelProbe::begin(Deadline now) {
  if (RAND_bytes(number_.data(), static_cast<int>(number_.size())) != 1)
    return base::fail(ErrorKind::io, "no random numbers are to be had");
  sent_ = 0;
  begun_ = asked_ = again_ = now;
  state_ = State::opening;
  return {};
}

Result<void> TunnelProbe::open(Deadline now) {
  if (now < again_) return {};
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

Result<void> TunnelProbe::look_for_end(Deadline now) {
  std::uint8_t ignored = 0;
  RELAY_ASSIGN(const auto got, channel_.read(&ignored, 1));
  // It had too many connections at once, maybe.
  if (got == std::size_t{0}) try_again(now);
  return {};
}

void TunnelProbe::try_again(Deadline now) {
  sent_ = 0;
  again_ = now + settings_.keepalive / 8;
  state_ = State::opening;
}

Result<void> TunnelProbe::settle_without_number(SshSession::Opening answer, Deadline now) {
  switch (answer) {
    case SshSession::Opening::prohibited:
      tell_once(
          is_prohibition_told_,
          "the account may not connect there (permitopen, AllowTcpForwarding), so that the way through the tunnel is "
          "not tested to its end; the host's answers show that it lives");
      break;
    case SshSession::Opening::no_resources:
      tell_once(is_shortage_told_,
                "the host is short of resources for one more connection, by which the way is tested");
      try_again(now);
      return {};
    case SshSession::Opening::unreachable:
      return base::fail((was_found_ ? base::Error(ErrorKind::peer, "the host does not listen for the tunnel any more")
                                    : base::Error(ErrorKind::peer, "the host does not listen at remote_listen"))
                            .about(fmt::format("{} at {}", settings_.name(), settings_.remote_listen()))
                            .remedy("with GatewayPorts no in its sshd_config a host listens at 127.0.0.1 or ::1 only, "
                                    "whatever it is asked for: ask for that, or set GatewayPorts clientspecified"));
    default:
      return base::fail(base::Error(ErrorKind::peer, "the host does not connect to its own listener, and says not why")
                            .about(fmt::format("{} at {}", settings_.name(), settings_.remote_listen())));
  }
  settle(now);
  return {};
}

void TunnelProbe::tell_once(bool& is_told, std::string_view what) {
  if (!is_told)
    base::log(base::LogLevel::info, "tunnel {} at {}: {}", settings_.name(), settings_.remote_listen(), what);
  is_told = true;
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
  if (!is_pending()) return due_;
  const Deadline end = begun_ + 2 * settings_.keepalive + std::chrono::milliseconds(1);
  return state_ == State::opening && again_ > std::chrono::steady_clock::now() ? std::min(again_, end) : end;
}

}  // namespace relay::tunnel
