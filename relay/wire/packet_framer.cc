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

void PacketFramer::clear_slices(std::size_t length) {
  slices_.clear();
  headers_.clear();
  // Reserved in full: the slices point into it. A part may begin in one packet and end with the beginning of another.
  headers_.reserve(length / kMaximumPacketPayload + 2);
}

void PacketFramer::begin(std::size_t length) {
  message_left_ = length;
  packet_left_ = 0;
  packet_follows_ = true;
}

void PacketFramer::add(base::ByteView part) {
  for (;;) {
    if (packet_left_ == 0 && packet_follows_) {
      packet_left_ = std::min(message_left_, kMaximumPacketPayload);
      message_left_ -= packet_left_;
      packet_follows_ = packet_left_ == kMaximumPacketPayload;
      headers_.push_back(header(packet_left_));
      slices_.emplace_back(headers_.back().data(), headers_.back().size());
    }
    const base::ByteView piece = part.sub(0, packet_left_);
    if (piece.empty()) return;
    slices_.push_back(piece);
    packet_left_ -= piece.size();
    part = part.sub(piece.size());
  }
}

std::span<const base::ByteView> PacketFramer::next(base::ByteView part) {
  clear_slices(part.size());
  add(part);
  return slices_;
}

std::span<const base::ByteView> PacketFramer::slices(std::span<const base::ByteView> parts) {
  const std::size_t length = total_size(parts);
  clear_slices(length);
  begin(length);
  for (const base::ByteView part : parts) add(part);
  return slices_;
}

void PacketFramer::append(std::span<const base::ByteView> parts, base::Buffer& into) {
  for (const base::ByteView slice : slices(parts)) into.append(slice);
}

}  // namespace relay::wire
