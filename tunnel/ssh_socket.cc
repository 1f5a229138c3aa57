#include "tunnel/ssh_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

// So much is worth a system call of its own; less waits for what comes with it.
constexpr std::size_t kWorthSending = std::size_t{16} << 10;
// So much at the front of the buffer has to be gone before the rest is moved there.
constexpr std::size_t kWorthMoving = std::size_t{16} << 10;

}  // namespace

ssize_t SshSocket::send(const void* bytes, std::size_t size) {
  if (failure_ != 0) return -failure_;
  // Payload stops at the mark of congestion; only a host that makes us answer and does not listen gets here.
  if (unsent_.size() - unsent_begin_ + size > kMaximum) {
    failure_ = ENOBUFS;
    return -failure_;
  }
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  // With nothing to come before it, a whole packet of payload goes without being copied.
  const std::size_t gone = size >= kWorthSending && !has_unsent() ? hand_on(first, size) : 0;
  unsent_.insert(unsent_.end(), first + gone, first + size);
  if (gone == 0 && unsent_.size() - unsent_begin_ >= kWorthSending) flush();
  return static_cast<ssize_t>(size);
}

std::size_t SshSocket::hand_on(const std::uint8_t* bytes, std::size_t size) {
  std::size_t gone = 0;
  while (gone < size && failure_ == 0) {
    const ssize_t sent = ::send(socket_.get(), bytes + gone, size - gone, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      if (!may_do_later(errno)) failure_ = errno;
      break;
    }
    gone += static_cast<std::size_t>(sent);
  }
  return gone;
}

void SshSocket::flush() {
  if (has_unsent()) unsent_begin_ += hand_on(unsent_.data() + unsent_begin_, unsent_.size() - unsent_begin_);
  if (unsent_begin_ < kWorthMoving && has_unsent()) return;
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(unsent_begin_));
  unsent_begin_ = 0;
}

ssize_t SshSocket::receive(void* into, std::size_t size) {
  if (failure_ != 0) return -failure_;
  if (allowance_ == 0) return -EAGAIN;
  const ssize_t got = ::recv(socket_.get(), into, std::min(size, allowance_), MSG_DONTWAIT);
  if (got < 0) {
    if (may_do_later(errno)) return -EAGAIN;
    failure_ = errno;
    return -failure_;
  }
  if (got == 0) {
    failure_ = ECONNRESET;
    return -failure_;
  }
  allowance_ -= static_cast<std::size_t>(got);
  last_received_ = std::chrono::steady_clock::now();
  return got;
}

void SshSocket::cut() {
  unsent_.clear();
  unsent_begin_ = 0;
  if (failure_ == 0) failure_ = ECONNABORTED;
}

}  // namespace relay::tunnel
