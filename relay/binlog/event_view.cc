#include "relay/binlog/event_view.h"

#include <cstring>

#include "relay/base/crc32.h"

namespace relay::binlog {

namespace {

constexpr std::size_t kTypeOffset = 4;
constexpr std::size_t kFlagsOffset = 17;

template <typename T>
T load_integer(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
void store_integer(std::uint8_t* into, T value) {
  std::memcpy(into, &value, sizeof value);
}

// The CRC as it was taken when the event was written: with the in-use flag of a format description event cleared.
std::uint32_t sum_without_in_use(base::ByteView bytes) {
  std::uint8_t header[kEventHeaderSize];
  std::memcpy(header, bytes.data(), sizeof header);
  header[kFlagsOffset] = static_cast<std::uint8_t>(header[kFlagsOffset] & ~kFlagInUse);
  return base::crc32(bytes.sub(kEventHeaderSize), base::crc32({header, sizeof header}));
}

}  // namespace

EventHeader decode_event_header(base::ByteView bytes) {
  const std::uint8_t* at = bytes.data();
  EventHeader header;
  header.timestamp = load_integer<std::uint32_t>(at);
  header.type_code = at[kTypeOffset];
  header.server_id = load_integer<std::uint32_t>(at + 5);
  header.event_size = load_integer<std::uint32_t>(at + 9);
  header.next_position = load_integer<std::uint32_t>(at + 13);
  header.flags = load_integer<std::uint16_t>(at + kFlagsOffset);
  return header;
}

void encode_event_header(const EventHeader& header, std::uint8_t* into) {
  store_integer(into, header.timestamp);
  into[kTypeOffset] = header.type_code;
  store_integer(into + 5, header.server_id);
  store_integer(into + 9, header.event_size);
  store_integer(into + 13, header.next_position);
  store_integer(into + kFlagsOffset, header.flags);
}

base::Result<EventView> EventView::parse(base::ByteView bytes, ChecksumAlgorithm checksum) {
  using base::ErrorKind;
  if (bytes.size() < kEventHeaderSize) return base::fail(ErrorKind::malformed, "an event is shorter than its header");
  const EventHeader header = decode_event_header(bytes);
  if (header.event_size != bytes.size()) {
    return base::fail(
        base::Error(ErrorKind::malformed, "an event is not as long as its header says").in_event(header.type_code));
  }
  // A format description event ends with four checksum bytes even where checksums are off (binlog_event.h,
  // MySQL 5.6.1).
  const bool has_footer = checksum == ChecksumAlgorithm::crc32 || header.type() == EventType::format_description;
  const std::size_t footer_size = has_footer ? kChecksumSize : 0;
  if (bytes.size() < kEventHeaderSize + footer_size) {
    return base::fail(
        base::Error(ErrorKind::malformed, "an event has no room for its checksum").in_event(header.type_code));
  }
  return EventView(bytes, header, footer_size);
}

bool EventView::checksum_is_right() const {
  if (footer_size_ == 0) return true;
  const base::ByteView summed = bytes_.sub(0, bytes_.size() - kChecksumSize);
  const auto stored = load_integer<std::uint32_t>(bytes_.end() - kChecksumSize);
  if (type() != EventType::format_description) return base::crc32(summed) == stored;
  // The last byte of its body is its own algorithm; with "none" nobody fills in the four bytes.
  const auto algorithm = static_cast<ChecksumAlgorithm>(summed[summed.size() - 1]);
  return algorithm != ChecksumAlgorithm::crc32 || sum_without_in_use(summed) == stored;
}

}  // namespace relay::binlog
