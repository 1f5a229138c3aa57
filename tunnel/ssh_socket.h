#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "tunnel/byte_stream.h"
#include "tunnel/descriptor.h"

namespace relay::tunnel {

// The socket below an SSH session. libssh2 sends and receives through it, and never sees a send that was taken only in
// part: while one of its packets is half sent, libssh2 fails when any other channel wants to send. So every packet is
// taken here whole. What is large is handed on at once, as far as the kernel takes it; the rest, and what is small,
// waits for more or for flush(). One thread owns it.
class SshSocket {
 public:
  explicit SshSocket(Descriptor socket) : socket_(std::move(socket)) {}

  // What libssh2 calls: bytes taken or given, or a negative errno.
  [[nodiscard]] ssize_t send(const void* bytes, std::size_t size);
  [[nodiscard]] ssize_t receive(void* into, std::size_t size);

  // Hands to the kernel what it takes now.
  void flush();
  // How many bytes receive() gives from here on; then it says that nothing is there. libssh2 reads for as long as
  // something is, from whatever call: with an allowance a fast host keeps it from nothing else, and without any, what
  // has come is taken in at one place only.
  void allow_reading(std::size_t bytes) { allowance_ = bytes; }
  // From here on sends go nowhere and nothing comes: what libssh2 still wants to do ends at once.
  void cut();

  [[nodiscard]] int descriptor() const { return socket_.get(); }
  [[nodiscard]] bool has_unsent() const { return unsent_begin_ < unsent_.size(); }
  // So much waits to be sent that no payload should be added.
  [[nodiscard]] bool is_congested() const { return unsent_.size() - unsent_begin_ > kCongested; }
  // The allowance is used up: there may be more to receive.
  [[nodiscard]] bool may_have_more() const { return allowance_ == 0; }
  // The errno that ended the connection; ECONNRESET also when the host closed it; 0 while it is well.
  [[nodiscard]] int failure() const { return failure_; }
  // When the last byte came.
  [[nodiscard]] Deadline last_received() const { return last_received_; }

 private:
  // What libssh2 wants to send, a probe too, waits behind at most this much and one packet of payload, and then behind
  // what the kernel has not sent.
  static constexpr std::size_t kCongested = std::size_t{64} << 10;
  static constexpr std::size_t kMaximum = std::size_t{4} << 20;

  // How many of these bytes the kernel takes now.
  [[nodiscard]] std::size_t hand_on(const std::uint8_t* bytes, std::size_t size);

  Descriptor socket_;
  std::vector<std::uint8_t> unsent_;
  std::size_t unsent_begin_ = 0;
  std::size_t allowance_ = SIZE_MAX;
  int failure_ = 0;
  Deadline last_received_ = std::chrono::steady_clock::now();
};

}  // namespace relay::tunnel
