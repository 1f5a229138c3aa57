#include "relay/proof/written_group.h"

#include <algorithm>
#include <bit>

#include "relay/proof/event_codes.h"

namespace relay::proof {

namespace {

using base::ByteView;

constexpr std::size_t kDigestSize = 32;

bool is_digest_or_empty(std::uint64_t size) { return size == 0 || size == kDigestSize; }

// MySQL libs/mysql/serialization: the low one bits of the first byte count the bytes that follow it; the value lies
// above them and a zero.
std::uint64_t read_varlen(PartReader& reader) {
  const std::uint8_t first = reader.u8();
  const int more = std::countr_one(first);
  if (more == 8) return reader.little_endian(8);
  const std::uint64_t high = more == 0 ? 0 : reader.little_endian(static_cast<std::size_t>(more));
  return (high << (7 - more)) | (first >> (more + 1));
}

// Flags, UUID, number; then for MySQL 5.7 and later the logical clock; for 8.0 times, length, versions, ticket.
bool read_plain_gtid(PartReader& reader, std::optional<std::uint64_t>& length) {
  constexpr std::uint64_t kHasOriginalTime = std::uint64_t{1} << 55;
  constexpr std::uint32_t kHasOriginalVersion = std::uint32_t{1} << 31;
  reader.skip(1 + 16 + 8);
  if (reader.at_body_end()) return true;
  if (reader.u8() != 2) return false;
  reader.skip(8 + 8);
  if (reader.at_body_end()) return true;
  if ((reader.little_endian(7) & kHasOriginalTime) != 0) reader.skip(7);
  if (reader.at_body_end()) return true;
  length = reader.length_encoded();
  if (reader.at_body_end()) return true;
  if ((reader.u32() & kHasOriginalVersion) != 0) reader.skip(4);
  if (reader.at_body_end()) return true;
  reader.skip(8);  // commit group ticket
  return reader.at_body_end();
}

// A message of numbered fields in rising order.
bool read_tagged_gtid(PartReader& reader, std::optional<std::uint64_t>& length) {
  constexpr std::size_t kLongestTag = 32;
  const std::uint64_t whole = reader.remaining();
  if (read_varlen(reader) != 1 || read_varlen(reader) != whole) return false;
  static_cast<void>(read_varlen(reader));  // the last field that may not be ignored
  std::uint64_t next = 0;
  while (reader.remaining() > 0) {
    const std::uint64_t field = read_varlen(reader);
    if (field < next) return false;
    next = field + 1;
    switch (field) {
      case 1:  // UUID, each byte as a number
        for (int i = 0; i < 16; ++i) {
          if (read_varlen(reader) > 0xff) return false;
        }
        break;
      case 3: {  // tag
        const std::uint64_t size = read_varlen(reader);
        if (size > kLongestTag) return false;
        reader.skip(size);
        break;
      }
      case 8:
        length = read_varlen(reader);
        break;
      // Flags, number, clock, times, versions, ticket.
      case 0:
      case 2:
      case 4:
      case 5:
      case 6:
      case 7:
      case 9:
      case 10:
      case 11:
        static_cast<void>(read_varlen(reader));
        break;
      default:
        return false;
    }
  }
  return reader.ok();
}

}  // namespace

bool read_mysql_gtid(PartReader& reader, std::uint8_t type, std::optional<std::uint64_t>& length) {
  return type == code::kTaggedGtid ? read_tagged_gtid(reader, length) : read_plain_gtid(reader, length);
}

// Sequence number, domain, flags; what the flags say; zeros (MariaDB sql/log_event.h, Gtid_log_event).
bool read_mariadb_gtid(PartReader& reader) {
  reader.skip(8 + 4);
  const std::uint8_t flags = reader.u8();
  if ((flags & 0x02) != 0) reader.skip(8);  // commit id
  if ((flags & (0x40 | 0x80)) != 0) {       // XA
    reader.skip(4);
    const std::uint8_t transaction = reader.u8();
    const std::uint8_t branch = reader.u8();
    if (!is_digest_or_empty(transaction) || !is_digest_or_empty(branch)) return false;
    reader.skip(std::uint64_t{transaction} + branch);
  }
  if (reader.remaining() > 0) {
    const std::uint8_t extra = reader.u8();
    if ((extra & ~(0x01 | 0x10)) != 0) return false;
    if ((extra & 0x01) != 0) reader.skip(1);  // engines
    if ((extra & 0x10) != 0) reader.skip(4);  // thread
  }
  bool zeros = true;
  reader.rest([&zeros](ByteView piece) {
    zeros = zeros && std::ranges::all_of(piece, [](std::uint8_t byte) { return byte == 0; });
  });
  return zeros && reader.ok();
}

bool read_xid(PartReader& reader) {
  reader.skip(8);
  return reader.at_body_end();
}

bool read_xa_prepare(PartReader& reader) {
  const std::uint8_t one_phase = reader.u8();
  reader.skip(4);
  const std::uint32_t transaction = reader.u32();
  const std::uint32_t branch = reader.u32();
  if (one_phase > 1 || !is_digest_or_empty(transaction) || !is_digest_or_empty(branch)) return false;
  reader.skip(std::uint64_t{transaction} + branch);
  return reader.at_body_end();
}

}  // namespace relay::proof
