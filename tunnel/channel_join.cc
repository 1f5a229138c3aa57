#include "tunnel/channel_join.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

using base::Result;

// Before others have their turn. A round takes at most one packet towards the host, and one chunk from it.
constexpr int kRounds = 8;

}  // namespace

Result<base::ByteView> ChannelJoin::first_bytes(std::size_t size) {
  if (!channel_ended_ && to_local_.view().size() < size) {
    std::uint8_t* const space = to_local_.space();
    RELAY_ASSIGN(const auto got, channel_.read(space, size - to_local_.view().size()));
    channel_ended_ = got == std::size_t{0};
    to_local_.added(got.value_or(0));
  }
  return to_local_.view();
}

void ChannelJoin::join(Descriptor local) {
  local_ = std::move(local);
  state_ = State::connecting;
}

void ChannelJoin::abandon() {
  local_.close();
  if (state_ != State::gone) state_ = State::closing;
}

Result<ChannelJoin::Step> ChannelJoin::step(const SshSocket& to_host) {
  Step step;
  if (state_ == State::connecting) finish_connecting(step);
  if (state_ == State::joined) RELAY_TRY(move(to_host, step));
  if (state_ == State::closing && channel_.close()) state_ = State::gone;
  return step;
}

void ChannelJoin::finish_connecting(Step& step) {
  pollfd poll{local_.get(), POLLOUT, 0};
  if (::poll(&poll, 1, 0) <= 0) return;
  socklen_t size = sizeof step.connect_failure;
  ::getsockopt(local_.get(), SOL_SOCKET, SO_ERROR, &step.connect_failure, &size);
  if (step.connect_failure != 0) return abandon();
  state_ = State::joined;
}

Result<void> ChannelJoin::move(const SshSocket& to_host, Step& step) {
  step.more = true;
  for (int round = 0; round < kRounds && step.more; ++round) {
    step.more = false;
    RELAY_ASSIGN(const bool from_channel, read_channel());
    const bool to_local = write_local(step);
    const bool from_local = read_local();
    RELAY_ASSIGN(const bool to_channel, write_channel(to_host, step));
    step.more = from_channel || to_local || from_local || to_channel;
  }
  if (channel_ended_ && to_local_.empty() && !local_shut_) {
    ::shutdown(local_.get(), SHUT_WR);
    local_shut_ = true;
  }
  if (local_ended_ && to_channel_.empty() && !end_sent_) {
    RELAY_ASSIGN(end_sent_, channel_.send_end());
  }
  if (local_shut_ && (end_sent_ || channel_.is_closed_by_peer())) abandon();
  return {};
}

// Each of these four says whether it moved something.

Result<bool> ChannelJoin::read_channel() {
  if (channel_ended_ || !to_local_.empty()) return false;
  std::uint8_t* const space = to_local_.space();
  RELAY_ASSIGN(const auto got, channel_.read(space, to_local_.free()));
  if (!got) return false;
  channel_ended_ = *got == 0;
  if (!local_shut_) to_local_.added(*got);
  return true;
}

bool ChannelJoin::write_local(Step& step) {
  if (to_local_.empty()) return false;
  const base::ByteView bytes = to_local_.view();
  const ssize_t sent = ::send(local_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (may_do_later(errno)) return false;
    // What it wrote before it went can still be read.
    to_local_.clear();
    local_shut_ = true;
    return true;
  }
  to_local_.taken(static_cast<std::size_t>(sent));
  step.from_host += static_cast<std::uint64_t>(sent);
  return true;
}

bool ChannelJoin::read_local() {
  if (local_ended_ || !to_channel_.empty()) return false;
  std::uint8_t* const space = to_channel_.space();
  const ssize_t got = ::recv(local_.get(), space, to_channel_.free(), MSG_DONTWAIT);
  if (got < 0) {
    if (may_do_later(errno)) return false;
    to_local_.clear();
    local_shut_ = local_ended_ = true;
    return true;
  }
  local_ended_ = got == 0;
  to_channel_.added(static_cast<std::size_t>(got));
  return true;
}

Result<bool> ChannelJoin::write_channel(const SshSocket& to_host, Step& step) {
  if (to_channel_.empty()) return false;
  // Before each packet: a probe, and the other connections, wait behind what is added.
  if (to_host.is_congested()) {
    step.held_by_congestion = true;
    return false;
  }
  RELAY_ASSIGN(const std::size_t taken, channel_.write(to_channel_.view()));
  to_channel_.taken(taken);
  step.to_host += taken;
  return taken > 0;
}

short ChannelJoin::wanted_events() const {
  if (state_ == State::connecting) return POLLOUT;
  if (state_ != State::joined) return 0;
  const bool reads = !local_ended_ && to_channel_.empty();
  return static_cast<short>((reads ? POLLIN : 0) | (to_local_.empty() ? 0 : POLLOUT));
}

}  // namespace relay::tunnel
