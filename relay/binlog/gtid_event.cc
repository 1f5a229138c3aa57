#include "relay/binlog/gtid_event.h"

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/tagged_gtid.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

constexpr std::uint8_t kLogicalTimestamp = 2;  // LOGICAL_TIMESTAMP_TYPECODE, control_events.h
constexpr std::uint64_t kHasOriginalTimestamp = std::uint64_t{1} << 55;
constexpr std::uint32_t kHasOriginalVersion = std::uint32_t{1} << 31;
constexpr std::size_t kCommitGroupTicketSize = 8;

Uuid read_uuid(base::ByteReader& reader) {
  Uuid uuid{};
  const base::ByteView bytes = reader.bytes(uuid.size());
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  return uuid;
}

// Where the transaction length stands in the body of a GTID event (33, 34).
struct LengthField {
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct PlainGtid {
  MysqlGtidEvent event;
  std::optional<LengthField> length;
};

// After the logical clock: 7 bytes of commit time, twice when its highest bit is set, then the length (MySQL 8.0.2 and
// later).
void read_times_and_length(base::ByteReader& reader, PlainGtid& gtid) {
  if (reader.remaining() == 0) return;
  const bool has_original = (reader.little_endian(7) & kHasOriginalTimestamp) != 0;
  if (has_original) reader.skip(7);
  if (reader.remaining() == 0) return;
  LengthField field{reader.position(), 0};
  gtid.event.transaction_length = reader.length_encoded();
  field.size = reader.position() - field.offset;
  gtid.length = field;
  // The server's version, that of the first server where it is another, and the ticket of group replication.
  if (reader.remaining() > 0 && (reader.u32() & kHasOriginalVersion) != 0) reader.skip(4);
  if (reader.remaining() == kCommitGroupTicketSize) reader.skip(kCommitGroupTicketSize);
}

base::Result<PlainGtid> parse_plain(EventType type, base::ByteView body) {
  base::ByteReader reader(body);
  PlainGtid gtid;
  gtid.event.anonymous = type == EventType::anonymous_gtid;
  reader.skip(1);  // flags
  gtid.event.gtid.uuid = read_uuid(reader);
  gtid.event.gtid.number = static_cast<std::int64_t>(reader.u64());
  // MySQL 5.6 ends here, or goes on with a clock of another kind.
  if (reader.remaining() > 0 && reader.u8() == kLogicalTimestamp) {
    gtid.event.last_committed = static_cast<std::int64_t>(reader.u64());
    gtid.event.sequence_number = static_cast<std::int64_t>(reader.u64());
    read_times_and_length(reader, gtid);
  }
  if (!reader.ok()) return event_error(ErrorKind::malformed, "a GTID event is cut short", type);
  if (reader.remaining() > 0)
    return event_error(ErrorKind::unsupported, "a GTID event has parts that are not known", type);
  if (!gtid.event.anonymous && gtid.event.gtid.number <= 0) {
    return event_error(ErrorKind::malformed, "a GTID event's number is out of range", type);
  }
  return gtid;
}

base::Result<EventType> checked_type(std::uint8_t type_code) {
  const auto type = static_cast<EventType>(type_code);
  if (is_mysql_gtid(type)) return type;
  return event_error(ErrorKind::unsupported, "an event is no GTID event of MySQL", type);
}

}  // namespace

base::Result<MysqlGtidEvent> MysqlGtidEvent::parse(std::uint8_t type_code, base::ByteView body) {
  RELAY_ASSIGN(const EventType type, checked_type(type_code));
  if (type == EventType::gtid_tagged) {
    RELAY_ASSIGN(TaggedGtid tagged, parse_tagged_gtid(body));
    return std::move(tagged.event);
  }
  RELAY_ASSIGN(PlainGtid plain, parse_plain(type, body));
  return std::move(plain.event);
}

base::Result<std::optional<std::size_t>> widen_transaction_length(std::uint8_t type_code, base::ByteView body,
                                                                  base::Buffer& into) {
  RELAY_ASSIGN(const EventType type, checked_type(type_code));
  if (type == EventType::gtid_tagged) return widen_tagged_length(body, into);
  RELAY_ASSIGN(const PlainGtid plain, parse_plain(type, body));
  if (!plain.length) {
    into.append(body);
    return std::nullopt;
  }
  into.append(body.sub(0, plain.length->offset));
  into.append_u8(0xfe);  // the length-encoded integer's form of eight bytes
  const std::size_t offset = into.size();
  into.append_u64(*plain.event.transaction_length);
  into.append(body.sub(plain.length->offset + plain.length->size));
  return offset;
}

}  // namespace relay::binlog
