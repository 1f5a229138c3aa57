#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/event_type.h"

namespace relay::binlog {

// Values are those of the format description event's algorithm byte.
enum class ChecksumAlgorithm : std::uint8_t { none = 0, crc32 = 1 };

inline constexpr std::size_t kEventHeaderSize = 19;
inline constexpr std::size_t kChecksumSize = 4;

// Header flags.
inline constexpr std::uint16_t kFlagInUse = 0x1;
inline constexpr std::uint16_t kFlagThreadSpecific = 0x4;
inline constexpr std::uint16_t kFlagSuppressUse = 0x8;
inline constexpr std::uint16_t kFlagArtificial = 0x20;
inline constexpr std::uint16_t kFlagIgnorable = 0x80;
inline constexpr std::uint16_t kFlagSkipReplication = 0x8000;  // MariaDB

// The common header, decoded. 19 bytes: timestamp 4, type 1, server id 4, event size 4, next position 4, flags 2.
struct EventHeader {
  std::uint32_t timestamp = 0;  // seconds since 1970, 0 in artificial events
  std::uint8_t type_code = 0;
  std::uint32_t server_id = 0;
  std::uint32_t event_size = 0;     // header, body and checksum
  std::uint32_t next_position = 0;  // low 32 bits of the position after this event; 0 in artificial events
  std::uint16_t flags = 0;
  [[nodiscard]] EventType type() const { return static_cast<EventType>(type_code); }
};

// Decodes the header from the first 19 bytes. REQUIRES: bytes.size() >= kEventHeaderSize.
[[nodiscard]] EventHeader decode_event_header(base::ByteView bytes);
// Encodes it into 19 bytes at `into`.
void encode_event_header(const EventHeader& header, std::uint8_t* into);

// One whole event, borrowed from the packet or file block it lies in; lives as long as that.
class EventView {
 public:
  // Checks that `bytes` is exactly one event: long enough for header and checksum, and as long as its header says.
  // Errors: malformed.
  [[nodiscard]] static base::Result<EventView> parse(base::ByteView bytes, ChecksumAlgorithm checksum);

  [[nodiscard]] const EventHeader& header() const { return header_; }
  [[nodiscard]] EventType type() const { return header_.type(); }
  [[nodiscard]] base::ByteView bytes() const { return bytes_; }
  // Between header and checksum: post-header and payload.
  [[nodiscard]] base::ByteView body() const {
    return bytes_.sub(kEventHeaderSize, bytes_.size() - kEventHeaderSize - footer_size_);
  }
  // True when the event has no checksum, or has the right one. (The stored CRC of a format description event is taken
  // with kFlagInUse cleared.)
  [[nodiscard]] bool checksum_is_right() const;

 private:
  EventView(base::ByteView bytes, const EventHeader& header, std::size_t footer_size)
      : bytes_(bytes), header_(header), footer_size_(footer_size) {}
  base::ByteView bytes_;
  EventHeader header_;
  std::size_t footer_size_;
};

}  // namespace relay::binlog
