#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/crc32.h"
#include "relay/binlog/event_view.h"
#include "relay/source/event_source.h"

namespace relay::source::testing {

using Bytes = std::vector<std::uint8_t>;

// The fields of one event that tests vary.
struct EventFields {
  binlog::EventType type = binlog::EventType::query;
  std::uint32_t timestamp = 1'700'000'000;
  std::uint32_t next_position = 0;
  std::uint16_t flags = 0;
  std::string body;
};

// A whole event, with a checksum where asked for.
inline Bytes build_event(const EventFields& fields, bool checksum) {
  binlog::EventHeader header;
  header.timestamp = fields.timestamp;
  header.type_code = static_cast<std::uint8_t>(fields.type);
  header.server_id = 77;
  header.event_size = static_cast<std::uint32_t>(binlog::kEventHeaderSize + fields.body.size() +
                                                 (checksum ? binlog::kChecksumSize : 0));
  header.next_position = fields.next_position;
  header.flags = fields.flags;
  Bytes bytes(header.event_size);
  binlog::encode_event_header(header, bytes.data());
  std::memcpy(bytes.data() + binlog::kEventHeaderSize, fields.body.data(), fields.body.size());
  if (checksum) {
    const std::uint32_t crc = base::crc32({bytes.data(), bytes.size() - binlog::kChecksumSize});
    std::memcpy(bytes.data() + bytes.size() - binlog::kChecksumSize, &crc, sizeof crc);
  }
  return bytes;
}

inline std::string little_endian(std::uint64_t value, std::size_t width) {
  std::string bytes(width, '\0');
  std::memcpy(bytes.data(), &value, width);
  return bytes;
}

inline std::string rotate_body(std::uint64_t position, std::string_view file) {
  return little_endian(position, 8) + std::string(file);
}

// A format description of `version` whose algorithm byte says whether checksums follow.
inline Bytes build_format(std::string_view version, bool checksum, std::uint32_t next_position) {
  std::string name(version);
  name.resize(50, '\0');
  EventFields fields;
  fields.type = binlog::EventType::format_description;
  fields.next_position = next_position;
  fields.body =
      little_endian(4, 2) + name + little_endian(0, 4) + '\x13' + std::string(40, '\0') + (checksum ? '\x01' : '\x00');
  return build_event(fields, true);
}

// Gives events from a list, then says that there are no more.
class ListedEvents final : public EventSource {
 public:
  explicit ListedEvents(std::vector<Bytes> events) : events_(std::move(events)) {}
  base::Result<std::optional<base::ByteView>> read_event() override {
    if (next_ == events_.size()) return std::optional<base::ByteView>();
    const Bytes& event = events_[next_++];
    return std::optional(base::ByteView(event.data(), event.size()));
  }

 private:
  std::vector<Bytes> events_;
  std::size_t next_ = 0;
};

}  // namespace relay::source::testing
