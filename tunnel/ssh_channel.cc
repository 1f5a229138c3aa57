#include "tunnel/ssh_channel.h"

#include <libssh2.h>

namespace relay::tunnel {

namespace {

constexpr base::FixedText kBroken("the SSH session is broken");

}  // namespace

// Not by reading no bytes: that would widen the window, whatever waits to be read. Waiting for the peer's end takes in
// nothing where that has come, and waiting for its closing nothing before.
base::Result<bool> SshChannel::take_in() {
  int result = libssh2_channel_wait_eof(channel_);
  if (result == 0) result = libssh2_channel_wait_closed(channel_);
  if (result != 0 && result != LIBSSH2_ERROR_EAGAIN) return base::fail(base::ErrorKind::peer, kBroken);
  return result == LIBSSH2_ERROR_EAGAIN;
}

base::Result<std::optional<std::size_t>> SshChannel::read(std::uint8_t* into, std::size_t size) {
  const ssize_t got = libssh2_channel_read(channel_, reinterpret_cast<char*>(into), size);
  if (got == LIBSSH2_ERROR_EAGAIN) return std::optional<std::size_t>();
  if (got < 0) return base::fail(base::ErrorKind::peer, kBroken);
  return std::optional<std::size_t>(static_cast<std::size_t>(got));
}

base::Result<std::size_t> SshChannel::write(base::ByteView bytes) {
  const ssize_t taken = libssh2_channel_write(channel_, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (taken == LIBSSH2_ERROR_EAGAIN) return std::size_t{0};
  if (taken < 0) return base::fail(base::ErrorKind::peer, kBroken);
  return static_cast<std::size_t>(taken);
}

base::Result<bool> SshChannel::send_end() {
  const int result = libssh2_channel_send_eof(channel_);
  if (result == LIBSSH2_ERROR_EAGAIN) return false;
  if (result != 0) return base::fail(base::ErrorKind::peer, kBroken);
  return true;
}

bool SshChannel::is_closed_by_peer() {
  return libssh2_channel_eof(channel_) == 1 && libssh2_channel_wait_closed(channel_) == 0;
}

bool SshChannel::close() {
  if (channel_ == nullptr) return true;
  if (libssh2_channel_free(channel_) == LIBSSH2_ERROR_EAGAIN) return false;
  channel_ = nullptr;
  return true;
}

}  // namespace relay::tunnel
