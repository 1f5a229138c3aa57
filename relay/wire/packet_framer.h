#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"

namespace relay::wire {

// Gives messages their packet headers and counts sequence numbers. A message is given as parts, one behind the other;
// one longer than 0xffffff bytes is cut into packets, an exact multiple is followed by an empty one.
class PacketFramer {
 public:
  // The number of the next packet; wraps at 256.
  void set_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  [[nodiscard]] std::uint8_t sequence() const { return sequence_; }

  // Copies the framed message to the end of `into`.
  void append(std::span<const base::ByteView> parts, base::Buffer& into);
  void append(base::ByteView payload, base::Buffer& into) { append({&payload, 1}, into); }
  // The framed message as slices to be written together, without copying a part. Valid until the next call of a
  // function that returns slices and as long as the parts live.
  [[nodiscard]] std::span<const base::ByteView> slices(std::span<const base::ByteView> parts);

  // A message of which no more than a part is in memory at a time: begin() tells its length, then next() frames part
  // after part. REQUIRES: the parts' lengths add up to `length`, and nothing else is framed in between.
  void begin(std::size_t length);
  [[nodiscard]] std::span<const base::ByteView> next(base::ByteView part);

 private:
  using Header = std::array<std::uint8_t, 4>;
  [[nodiscard]] Header header(std::size_t length);
  void clear_slices(std::size_t length);
  void add(base::ByteView part);

  std::uint8_t sequence_ = 0;
  std::size_t message_left_ = 0;  // bytes of the message that are in no packet yet
  std::size_t packet_left_ = 0;   // bytes that the last packet still lacks
  bool packet_follows_ = false;
  std::vector<Header> headers_;
  std::vector<base::ByteView> slices_;
};

}  // namespace relay::wire
