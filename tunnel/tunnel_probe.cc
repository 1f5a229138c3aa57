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
  if (state_ == State::resting && now >= again_) state_ = State::closing;
  // A host that does not answer that answers nothing.
  if (state_ == State::closing && channel_.close()) {
    sent_ = 0;
    asked_ = now;
    state_ = State::opening;
  }
  if (state_ == State::opening) RELAY_TRY(open(now));
  if (state_ == State::sending) RELAY_TRY(send(now));
  if (state_ == State::waiting) RELAY_TRY(look_for_end(now));
  if (state_ == State::idle || now <= end_) return {};
  return base::fail(
      base::Error(ErrorKind::io, "nothing comes back through the tunnel").about(settings_.name()).code(ETIMEDOUT));
}

Result<void> TunnelProbe::begin(Deadline now) {
  if (RAND_bytes(number_.data(), static_cast<int>(number_.size())) != 1)
    return base::fail(ErrorKind::io, "no random numbers are to be had");
  begun_ = now;
  end_ = now + 2 * settings_.keepalive;
  state_ = State::closing;
  return {};
}

Result<void> TunnelProbe::open(Deadline now) {
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
  // It had too many connections at once, maybe. When it is too late for another, there is nothing left but the end.
  if (got == std::size_t{0}) static_cast<void>(try_again(now));
  return {};
}

bool TunnelProbe::try_again(Deadline now) {
  const Deadline again = now + settings_.keepalive / 8;
  if (again > begun_ + 2 * settings_.keepalive) return false;
  again_ = again;
  // The host has answered just now: the next answer has a keepalive, too.
  end_ = std::max(end_, again + settings_.keepalive);
  state_ = State::resting;
  return true;
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
                "the host is short of resources for one more connection, by which the way is tested; its answers show "
                "that it lives");
      if (try_again(now)) return {};
      break;
    case SshSession::Opening::unreachable:
      // OpenSSH says so, too, when its process for this session has no descriptor left.
      if (was_found_ && try_again(now)) return {};
      return base::fail(not_listening());
    default:
      return base::fail(base::Error(ErrorKind::peer, "the host does not connect to its own listener, and says not why")
                            .about(fmt::format("{} at {}", settings_.name(), settings_.remote_listen())));
  }
  settle(now);
  return {};
}

base::Error TunnelProbe::not_listening() const {
  const std::string about = fmt::format("{} at {}", settings_.name(), settings_.remote_listen());
  if (was_found_) {
    return base::Error(ErrorKind::peer, "the host does not connect to its own listener any more")
        .about(about)
        .remedy(
            "the log of its sshd says why: where it has too many open files, allow it more of them "
            "(LimitNOFILE), or have fewer connections");
  }
  return base::Error(ErrorKind::peer, "the host does not listen at remote_listen")
      .about(about)
      .remedy(
          "with GatewayPorts no in its sshd_config a host listens at 127.0.0.1 or ::1 only, whatever it is asked for: "
          "ask for that, or set GatewayPorts clientspecified");
}

void TunnelProbe::tell_once(bool& is_told, std::string_view what) {
  if (!is_told)
    base::log(base::LogLevel::info, "tunnel {} at {}: {}", settings_.name(), settings_.remote_listen(), what);
  is_told = true;
}

TunnelProbe::Match TunnelProbe::compare(base::ByteView first) const {
  if (first.empty()) return is_pending() ? Match::not_yet : Match::no;
  const std::size_t size = std::min(first.size(), number_.size());
  if (state_ == State::idle || !std::equal(first.begin(), first.begin() + size, number_.begin())) return Match::no;
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
  if (state_ == State::idle) return due_;
  return state_ == State::resting ? again_ : end_ + std::chrono::milliseconds(1);
}

}  // namespace relay::tunnel
