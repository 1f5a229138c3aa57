#include "relay/spool/event_block.h"

#include <algorithm>

#include "relay/spool/spool_types.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

Error no_event(const std::string& path, std::uint64_t offset) {
  Error error(ErrorKind::malformed, "no whole event stands at this place of the spool");
  error.about(path).at(offset);
  return error;
}

}  // namespace

Result<binlog::EventHeader> EventBlock::header_at(std::uint64_t offset, std::uint64_t limit) {
  constexpr std::size_t kSmallest = binlog::kEventHeaderSize + binlog::kChecksumSize;
  if (offset > limit || limit - offset < kSmallest) return base::fail(no_event(path_, offset));
  RELAY_ASSIGN(const ByteView head, hold(offset, kSmallest, limit));
  const binlog::EventHeader header = binlog::decode_event_header(head);
  const std::uint64_t size = header.event_size;
  if (size < kSmallest || size > kMaximumEventSize || size > limit - offset ||
      header.next_position != static_cast<std::uint32_t>(offset + size))
    return base::fail(no_event(path_, offset));
  return header;
}

Result<binlog::EventView> EventBlock::event_at(std::uint64_t offset, std::uint64_t limit) {
  RELAY_ASSIGN(const binlog::EventHeader header, header_at(offset, limit));
  RELAY_ASSIGN(const ByteView bytes, hold(offset, header.event_size, limit));
  auto event = binlog::EventView::parse(bytes, binlog::ChecksumAlgorithm::crc32);
  if (!event) return base::fail(no_event(path_, offset));
  return event;
}

Result<ByteView> EventBlock::hold(std::uint64_t offset, std::size_t size, std::uint64_t limit) {
  const bool held = offset >= start_ && offset - start_ <= size_ && size_ - (offset - start_) >= size;
  if (!held) {
    fit(size);
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(capacity_, limit - offset));
    start_ = offset;
    size_ = 0;
    RELAY_ASSIGN(size_, file_.read_at(offset, bytes_.get(), wanted));
    if (size_ < size) return base::fail(no_event(path_, offset));
  }
  return ByteView(bytes_.get() + (offset - start_), size);
}

void EventBlock::fit(std::size_t size) {
  const std::size_t wanted = std::max(size, block_size_);
  // Events of like size use the same memory; much smaller ones give it back.
  if (capacity_ >= wanted && capacity_ / 4 <= wanted) return;
  bytes_.reset();
  bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(wanted);
  capacity_ = wanted;
}

}  // namespace relay::spool
