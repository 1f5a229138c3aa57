#include "relay/binlog/tagged_gtid.h"

#include <algorithm>

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/varlen.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

constexpr std::uint64_t kMessageVersion = 1;
constexpr std::size_t kMaximumTagLength = 32;

enum GtidField : std::uint8_t {
  kFlags = 0,
  kUuid = 1,
  kNumber = 2,
  kTag = 3,
  kLastCommitted = 4,
  kSequenceNumber = 5,
  kImmediateTimestamp = 6,
  kOriginalTimestamp = 7,
  kTransactionLength = 8,
  kImmediateServerVersion = 9,
  kOriginalServerVersion = 10,
  kCommitGroupTicket = 11,
};

tl::unexpected<base::Error> malformed_gtid() {
  return event_error(ErrorKind::malformed, "a tagged GTID event is cut short or its fields do not fit",
                     EventType::gtid_tagged);
}

void read_uuid(base::ByteReader& reader, Uuid& uuid) {
  for (std::uint8_t& byte : uuid) {
    const std::uint64_t value = varlen::read(reader);
    if (value > 0xff) return reader.fail();
    byte = static_cast<std::uint8_t>(value);
  }
}

void read_tag(base::ByteReader& reader, std::string& tag) {
  const std::string_view text = reader.bytes(varlen::read(reader)).text();
  if (!text.empty() && !is_gtid_tag(text)) return reader.fail();
  tag = text;
}

void read_value(GtidField field, base::ByteReader& reader, MysqlGtidEvent& event) {
  switch (field) {
    case kUuid:
      return read_uuid(reader, event.gtid.uuid);
    case kNumber:
      event.gtid.number = varlen::read_non_negative(reader);
      return;
    case kTag:
      return read_tag(reader, event.gtid.tag);
    case kLastCommitted:
      event.last_committed = varlen::read_non_negative(reader);
      return;
    case kSequenceNumber:
      event.sequence_number = varlen::read_non_negative(reader);
      return;
    case kTransactionLength:
      event.transaction_length = varlen::read(reader);
      return;
    case kFlags:
    case kImmediateTimestamp:
    case kOriginalTimestamp:
    case kImmediateServerVersion:
    case kOriginalServerVersion:
    case kCommitGroupTicket:
      static_cast<void>(varlen::read(reader));
  }
}

// Reads the fields behind the message's head.
base::Result<void> read_fields(base::ByteView fields, TaggedGtid& gtid) {
  base::ByteReader reader(fields);
  std::optional<std::uint64_t> previous;
  std::size_t length_end = 0;
  while (reader.remaining() > 0) {
    const std::uint64_t number = varlen::read(reader);
    if (!reader.ok() || (previous && number <= *previous)) return malformed_gtid();
    previous = number;
    if (number > kCommitGroupTicket) {
      // What comes from here on is newer than this program; it may be left out when the writer says so.
      if (number > gtid.last_non_ignorable_field) return {};
      return event_error(ErrorKind::unsupported, "a tagged GTID event has a field that is not known",
                         EventType::gtid_tagged);
    }
    const std::size_t start = reader.position();
    read_value(static_cast<GtidField>(number), reader, gtid.event);
    if (!reader.ok()) return malformed_gtid();
    if (number == kTransactionLength) {
      gtid.before_length = fields.sub(0, start);
      length_end = reader.position();
    }
    gtid.after_length = fields.sub(length_end, reader.position() - length_end);
  }
  return {};
}

// The size of a message counts its own bytes, and those depend on the size.
std::uint64_t message_size(const TaggedGtid& gtid, std::size_t fields) {
  const std::size_t rest = varlen::size_of(gtid.version) + varlen::size_of(gtid.last_non_ignorable_field) + fields;
  std::uint64_t size = rest + 1;
  while (size != rest + varlen::size_of(size)) size = rest + varlen::size_of(size);
  return size;
}

}  // namespace

bool is_gtid_tag(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kMaximumTagLength && letter(text[0]) &&
         std::ranges::all_of(text, letter_or_digit);
}

base::Result<TaggedGtid> parse_tagged_gtid(base::ByteView body) {
  base::ByteReader reader(body);
  TaggedGtid gtid;
  gtid.version = varlen::read(reader);
  const std::uint64_t size = varlen::read(reader);
  gtid.last_non_ignorable_field = varlen::read(reader);
  if (!reader.ok() || size != body.size()) return malformed_gtid();
  if (gtid.version != kMessageVersion) {
    return event_error(ErrorKind::unsupported, "a tagged GTID event is of a version that is not known",
                       EventType::gtid_tagged);
  }
  RELAY_TRY(read_fields(reader.rest(), gtid));
  if (gtid.event.gtid.number <= 0) return malformed_gtid();
  return gtid;
}

base::Result<std::optional<std::size_t>> widen_tagged_length(base::ByteView body, base::Buffer& into) {
  RELAY_ASSIGN(const TaggedGtid gtid, parse_tagged_gtid(body));
  if (!gtid.event.transaction_length) {
    return event_error(ErrorKind::unsupported, "a tagged GTID event does not tell its transaction's length",
                       EventType::gtid_tagged);
  }
  const std::size_t fields = gtid.before_length.size() + varlen::kWidestSize + gtid.after_length.size();
  varlen::append(gtid.version, into);
  varlen::append(message_size(gtid, fields), into);
  varlen::append(gtid.last_non_ignorable_field, into);
  into.append(gtid.before_length);
  into.append_u8(0xff);  // the widest form, of eight bytes
  const std::size_t offset = into.size();
  into.append_u64(*gtid.event.transaction_length);
  into.append(gtid.after_length);
  return offset;
}

}  // namespace relay::binlog
