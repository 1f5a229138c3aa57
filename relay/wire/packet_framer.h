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
  // The framed message as slices to be written together, without copying a part. Valid until the next call of slices()
  // and as long as the parts live.
  [[nodiscard]] std::span<const base::ByteView> slices(std::span<const base::ByteView> parts);

 private:
  using Header = std::array<std::uint8_t, 4>;
  [[nodiscard]] Header header(std::size_t length);

  std::uint8_t sequence_ = 0;
  std::vector<Header> headers_;
  std::vector<base::ByteView> slices_;
};

}  // namespace relay::wire
