#include "relay/wire/packet_framer.h"

#include <algorithm>

#include "relay/wire/protocol.h"

namespace relay::wire {

namespace {

std::size_t total_size(std::span<const base::ByteView> parts) {
  std::size_t total = 0;
  for (const base::ByteView part : parts) total += part.size();
  return total;
}

}  // namespace

PacketFramer::Header PacketFramer::header(std::size_t length) {
  return {static_cast<std::uint8_t>(length), static_cast<std::uint8_t>(length >> 8),
          static_cast<std::uint8_t>(length >> 16), sequence_++};
}

std::span<const base::ByteView> PacketFramer::slices(std::span<const base::ByteView> parts) {
  std::size_t left = total_size(parts);
  slices_.clear();
  headers_.clear();
  // Reserved in full: the slices point into it.
  headers_.reserve(left / kMaximumPacketPayload + 1);
  std::size_t part = 0;
  std::size_t offset = 0;
  for (;;) {
    const std::size_t length = std::min(left, kMaximumPacketPayload);
    headers_.push_back(header(length));
    slices_.emplace_back(headers_.back().data(), headers_.back().size());
    for (std::size_t missing = length; missing > 0;) {
      const base::ByteView piece = parts[part].sub(offset, missing);
      if (!piece.empty()) slices_.push_back(piece);
      missing -= piece.size();
      offset += piece.size();
      if (offset == parts[part].size()) {
        ++part;
        offset = 0;
      }
    }
    left -= length;
    if (length < kMaximumPacketPayload) return slices_;
  }
}

void PacketFramer::append(std::span<const base::ByteView> parts, base::Buffer& into) {
  for (const base::ByteView slice : slices(parts)) into.append(slice);
}

}  // namespace relay::wire
