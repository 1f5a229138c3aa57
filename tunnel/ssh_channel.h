#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

// As libssh2.h declares it.
struct _LIBSSH2_CHANNEL;  // NOLINT(bugprone-reserved-identifier)

namespace relay::tunnel {

// One channel of an SSH session: a two-way run of bytes with flow control of its own. It must not outlive its session,
// and belongs to the session's thread. Nothing here waits. Every error (peer) means that the whole session is broken.
class SshChannel {
 public:
  // What one write() takes at most: channel.c of libssh2, _libssh2_channel_write().
  static constexpr std::size_t kMostPerPacket = 32700;

  // None, of which only close() may be asked: it is closed.
  SshChannel() = default;
  explicit SshChannel(_LIBSSH2_CHANNEL* channel) : channel_(channel) {}
  SshChannel(SshChannel&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  // What it was before is left to the session.
  SshChannel& operator=(SshChannel&& other) noexcept {
    channel_ = std::exchange(other.channel_, nullptr);
    return *this;
  }
  SshChannel(const SshChannel&) = delete;
  SshChannel& operator=(const SshChannel&) = delete;
  ~SshChannel() = default;  // the session frees channels that close() has not

  // Takes in what has come for all channels of the session, as far as their windows let it come. False: this one's peer
  // has closed it, and libssh2 looks at nothing for it any more.
  [[nodiscard]] base::Result<bool> take_in();
  // Reads at most `size` bytes; none when nothing is there; 0 when the peer has ended its side.
  [[nodiscard]] base::Result<std::optional<std::size_t>> read(std::uint8_t* into, std::size_t size);
  // Writes a part, 0 bytes when the peer's window is full. What was given and not taken has to be given again, from the
  // same place in memory, before anything else is done with the channel.
  [[nodiscard]] base::Result<std::size_t> write(base::ByteView bytes);
  // Ends the own side. False: not possible now, call it again.
  [[nodiscard]] base::Result<bool> send_end();
  // True when the peer, having ended its side, has closed the channel, too: nobody takes what is written any more.
  [[nodiscard]] bool is_closed_by_peer();
  // Closes both sides and frees the channel once the peer has agreed. False: not yet, call it again.
  [[nodiscard]] bool close();

 private:
  _LIBSSH2_CHANNEL* channel_ = nullptr;
};

}  // namespace relay::tunnel
