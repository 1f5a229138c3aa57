#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::wire {

// One message of the peer: its payload, put together from as many packets as it took.
struct Packet {
  base::ByteView payload;
  std::uint8_t first_sequence = 0;
  std::uint8_t last_sequence = 0;
};

// Puts messages together from bytes as they come; does no reading itself. Holds at most `maximum` bytes of one message
// and one block of what follows. A packet's header is 3 bytes of length and 1 of sequence; a payload of 0xffffff bytes
// is continued by the next packet, so a message whose length is a multiple of that ends with an empty packet.
class PacketAssembler {
 public:
  static constexpr std::size_t kBlockSize = 16384;
  explicit PacketAssembler(std::size_t maximum) : maximum_(maximum) {}

  void set_maximum(std::size_t maximum) { maximum_ = maximum; }
  // Room to read into, kBlockSize bytes; then took() says how much was read. Ends the life of every view given before.
  [[nodiscard]] std::span<std::uint8_t> room();
  void took(std::size_t count) { filled_ += count; }

  // The next whole message, valid until the next call of room() or next(); none when more bytes are needed.
  // Errors: malformed (longer than the maximum, sequence numbers out of order); after one, the peer's bytes mean
  // nothing.
  [[nodiscard]] base::Result<std::optional<Packet>> next();
  // Bytes that were read and belong to no message given yet.
  [[nodiscard]] base::ByteView unread() const { return {buffer_.data() + start_, filled_ - start_}; }

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t start_ = 0;   // of what is not given yet
  std::size_t filled_ = 0;  // of what was read
  std::size_t maximum_;
  std::vector<std::uint8_t> joined_;  // earlier packets of a message that goes on
  bool continued_ = false;
  std::uint8_t first_sequence_ = 0;
  std::uint8_t next_sequence_ = 0;
};

}  // namespace relay::wire
