#include "relay/binlog/event_maker.h"

#include "relay/base/crc32.h"

namespace relay::binlog {

namespace {

constexpr std::size_t kSizeOffset = 9;  // in the common header

// Heartbeat version 2 is a list of fields, each a type, a length and a value (control_events.h, Heartbeat_event_v2).
enum HeartbeatField : std::uint8_t { kEnd = 0, kFile = 1, kPosition = 2 };

struct Start {
  EventType type;
  std::uint32_t timestamp = 0;
  std::uint64_t next_position = 0;
  std::uint16_t flags = 0;
};

// Appends the header and tells where the event starts.
std::size_t append_header(const Start& start, std::uint32_t server_id, base::Buffer& into) {
  const std::size_t offset = into.size();
  EventHeader header;
  header.timestamp = start.timestamp;
  header.type_code = static_cast<std::uint8_t>(start.type);
  header.server_id = server_id;
  header.next_position = static_cast<std::uint32_t>(start.next_position);
  header.flags = start.flags;
  std::uint8_t encoded[kEventHeaderSize];
  encode_event_header(header, encoded);
  into.append({encoded, sizeof encoded});
  return offset;
}

std::size_t length_encoded_size(std::uint64_t value) {
  return value < 0xfb ? 1 : value < 0x10000 ? 3 : value < 0x1000000 ? 4 : 9;
}

}  // namespace

void seal_event(base::Buffer& into, std::size_t start, ChecksumAlgorithm checksum) {
  if (into.overflowed()) return;
  const base::ByteView made = into.view().sub(start);
  const bool is_format = made[4] == static_cast<std::uint8_t>(EventType::format_description);
  const bool has_checksum = is_format || checksum == ChecksumAlgorithm::crc32;
  into.patch_little_endian(start + kSizeOffset, made.size() + (has_checksum ? kChecksumSize : 0), 4);
  if (has_checksum) into.append_u32(base::crc32(into.view().sub(start)));
}

void EventMaker::artificial_rotate(std::string_view file, std::uint64_t position, base::Buffer& into) const {
  const std::size_t start = append_header({EventType::rotate, 0, 0, kFlagArtificial}, server_id_, into);
  into.append_u64(position);
  into.append(file);
  seal_event(into, start, checksum_);
}

void EventMaker::rotate(std::string_view next_file, std::uint32_t timestamp, std::uint64_t next_position,
                        base::Buffer& into) const {
  constexpr std::uint64_t kFirstEvent = 4;  // behind the magic
  const std::size_t start = append_header({EventType::rotate, timestamp, next_position}, server_id_, into);
  into.append_u64(kFirstEvent);
  into.append(next_file);
  seal_event(into, start, checksum_);
}

void EventMaker::format_description(const FormatDescription& format, std::uint32_t timestamp,
                                    std::uint64_t next_position, base::Buffer& into) const {
  const std::size_t start = append_header({EventType::format_description, timestamp, next_position}, server_id_, into);
  format.encode_body(into);
  seal_event(into, start, checksum_);
}

void EventMaker::heartbeat(std::string_view file, std::uint64_t position, base::Buffer& into) const {
  const std::size_t start = append_header({EventType::heartbeat, 0, position}, server_id_, into);
  into.append(file);
  seal_event(into, start, checksum_);
}

void EventMaker::heartbeat_v2(std::string_view file, std::uint64_t position, base::Buffer& into) const {
  const std::size_t start = append_header({EventType::heartbeat_v2, 0, position}, server_id_, into);
  into.append_length_encoded(kFile);
  into.append_length_encoded_bytes(base::ByteView::of(file));
  into.append_length_encoded(kPosition);
  into.append_length_encoded(length_encoded_size(position));
  into.append_length_encoded(position);
  into.append_length_encoded(kEnd);
  seal_event(into, start, checksum_);
}

void EventMaker::previous_gtids(const MysqlGtidSet& set, std::uint32_t timestamp, std::uint64_t next_position,
                                base::Buffer& into) const {
  const std::size_t start =
      append_header({EventType::previous_gtids, timestamp, next_position, kFlagIgnorable}, server_id_, into);
  set.encode_binary(into);
  seal_event(into, start, checksum_);
}

void EventMaker::gtid_list(const MariadbGtidList& list, std::uint32_t timestamp, std::uint64_t next_position,
                           bool artificial, base::Buffer& into) const {
  const std::uint16_t flags = artificial ? kFlagArtificial : 0;
  const std::size_t start = append_header({EventType::gtid_list, timestamp, next_position, flags}, server_id_, into);
  list.encode_event(into);
  seal_event(into, start, checksum_);
}

}  // namespace relay::binlog
