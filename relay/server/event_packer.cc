#include "relay/server/event_packer.h"

#include <algorithm>
#include <array>

namespace relay::server {

namespace {

constexpr std::array<std::uint8_t, 1> kEventFollows = {0x00};
const base::ByteView kEventMark(kEventFollows.data(), kEventFollows.size());

}  // namespace

binlog::EventHeader EventPacker::header_for_client(binlog::EventHeader header) const {
  if (!checksums_) header.event_size -= static_cast<std::uint32_t>(binlog::kChecksumSize);
  return header;
}

base::Result<void> EventPacker::add(const binlog::EventView& event) {
  if (checksums_) return add_made(event.bytes());
  const binlog::EventHeader header = header_for_client(event.header());
  std::array<std::uint8_t, binlog::kEventHeaderSize> encoded;
  binlog::encode_event_header(header, encoded.data());
  const std::array<base::ByteView, 3> parts{kEventMark, base::ByteView(encoded.data(), encoded.size()), event.body()};
  return put(parts, header.event_size);
}

base::Result<void> EventPacker::add_in_pieces(binlog::EventHeader header, const ReadPiece& read) {
  RELAY_TRY(flush());
  header = header_for_client(header);
  channel_.framer().begin(kEventMark.size() + header.event_size);
  buffer_.append(kEventMark);
  buffer_.resize(kEventMark.size() + binlog::kEventHeaderSize);
  binlog::encode_event_header(header, buffer_.data() + kEventMark.size());
  for (std::uint64_t offset = binlog::kEventHeaderSize; offset < header.event_size;) {
    const std::size_t start = buffer_.size();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(header.event_size - offset, kFlushSize));
    buffer_.resize(start + size);
    RELAY_TRY(read(offset, {buffer_.data() + start, size}));
    RELAY_TRY(channel_.write(channel_.framer().next(buffer_.view())));
    last_added_ = std::chrono::steady_clock::now();
    bytes_sent_ += buffer_.size();
    buffer_.clear();
    offset += size;
  }
  return {};
}

base::Result<void> EventPacker::add_made(base::ByteView event) {
  const std::array<base::ByteView, 2> parts{kEventMark, event};
  return put(parts, event.size());
}

base::Result<void> EventPacker::put(std::span<const base::ByteView> parts, std::size_t size) {
  last_added_ = std::chrono::steady_clock::now();
  if (size <= kCopyLimit) {
    channel_.framer().append(parts, buffer_);
    return buffer_.size() < kFlushSize ? base::Result<void>() : flush();
  }
  const auto framed = channel_.framer().slices(parts);
  gather_.assign(1, buffer_.view());
  gather_.insert(gather_.end(), framed.begin(), framed.end());
  auto written = channel_.write(gather_);
  bytes_sent_ += buffer_.size() + size;
  buffer_.clear();
  return written;
}

base::Result<void> EventPacker::flush() {
  if (buffer_.size() == 0) return {};
  auto written = channel_.write(buffer_.view());
  bytes_sent_ += buffer_.size();
  buffer_.clear();
  return written;
}

}  // namespace relay::server
