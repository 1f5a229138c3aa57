#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

constexpr std::size_t kSmallestGtid = 19;  // GTID_HEADER_LEN; shorter content is padded with zeros
constexpr std::uint8_t kGroupCommitId = 0x02;
constexpr std::uint8_t kAnyXa = 0x40 | 0x80;
// The second byte of flags (Gtid_log_event::FL_EXTRA_MULTI_ENGINE_E1 and so on).
constexpr std::uint8_t kExtraMultiEngine = 0x01;
constexpr std::uint8_t kExtraCommitOrRollbackAlter = 0x04 | 0x08;
constexpr std::uint8_t kExtraThreadId = 0x10;
constexpr std::uint8_t kExtraKnown = 0x1f;

void skip_xid(base::ByteReader& reader) {
  reader.skip(4);  // format id
  const std::uint8_t transaction_length = reader.u8();
  const std::uint8_t branch_length = reader.u8();
  reader.skip(transaction_length + branch_length);
}

// False when a flag is not known, for then nobody knows what follows.
bool read_extra(base::ByteReader& reader, std::uint8_t& flags) {
  if (reader.remaining() == 0) return true;
  flags = reader.u8();
  if ((flags & ~kExtraKnown) != 0) return false;
  if ((flags & kExtraMultiEngine) != 0) reader.skip(1);
  if ((flags & kExtraCommitOrRollbackAlter) != 0) reader.skip(8);
  if ((flags & kExtraThreadId) != 0) reader.skip(4);
  return true;
}

bool all_zero(base::ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    if (byte != 0) return false;
  }
  return true;
}

}  // namespace

base::Result<MariadbGtidEvent> MariadbGtidEvent::parse(base::ByteView body, std::uint32_t server_id) {
  base::ByteReader reader(body);
  MariadbGtidEvent event;
  event.gtid.sequence = reader.u64();
  event.gtid.domain = reader.u32();
  event.gtid.server_id = server_id;
  event.flags2 = reader.u8();
  if ((event.flags2 & kGroupCommitId) != 0) reader.skip(8);
  if ((event.flags2 & kAnyXa) != 0) skip_xid(reader);
  const bool known = read_extra(reader, event.extra_flags);
  const base::ByteView padding = reader.rest();
  if (!reader.ok() || body.size() < kSmallestGtid) {
    return event_error(ErrorKind::malformed, "a GTID event is cut short", EventType::mariadb_gtid);
  }
  if (!known || !all_zero(padding)) {
    return event_error(ErrorKind::unsupported, "a GTID event has parts that are not known", EventType::mariadb_gtid);
  }
  return event;
}

}  // namespace relay::binlog
