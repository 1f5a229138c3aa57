#include "relay/wire/packet_assembler.h"

#include <cstring>

#include "relay/wire/protocol.h"

namespace relay::wire {

std::span<std::uint8_t> PacketAssembler::room() {
  if (start_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + start_, filled_ - start_);
    filled_ -= start_;
    start_ = 0;
  }
  // Memory that one big message took is given back.
  if (filled_ == 0 && !continued_ && buffer_.capacity() > 16 * kBlockSize) {
    buffer_ = {};
    joined_ = {};
  }
  if (buffer_.size() < filled_ + kBlockSize) buffer_.resize(filled_ + kBlockSize);
  return {buffer_.data() + filled_, kBlockSize};
}

base::Result<std::optional<Packet>> PacketAssembler::next() {
  for (;;) {
    const base::ByteView waiting = unread();
    if (waiting.size() < kPacketHeaderSize) return std::optional<Packet>();
    const std::size_t length = waiting[0] | std::size_t{waiting[1]} << 8 | std::size_t{waiting[2]} << 16;
    const std::uint8_t sequence = waiting[3];
    if (!continued_) {
      joined_.clear();
      first_sequence_ = sequence;
    } else if (sequence != next_sequence_) {
      return base::fail(base::ErrorKind::malformed, "packets come out of order");
    }
    if (length > maximum_ - joined_.size()) {
      return base::fail(base::Error(base::ErrorKind::malformed, "a packet is longer than is allowed here").at(length));
    }
    if (waiting.size() - kPacketHeaderSize < length) return std::optional<Packet>();

    const base::ByteView payload = waiting.sub(kPacketHeaderSize, length);
    start_ += kPacketHeaderSize + length;
    next_sequence_ = static_cast<std::uint8_t>(sequence + 1);
    const bool goes_on = length == kMaximumPacketPayload;
    if (!goes_on && !continued_) return Packet{payload, sequence, sequence};
    joined_.insert(joined_.end(), payload.begin(), payload.end());
    continued_ = goes_on;
    if (!goes_on) return Packet{{joined_.data(), joined_.size()}, first_sequence_, sequence};
  }
}

}  // namespace relay::wire
