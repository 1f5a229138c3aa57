#include <zlib.h>

#include <optional>

#include "relay/base/byte_reader.h"
#include "relay/binlog/container.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

// Of the first byte of compressed data: a mark, the algorithm, and how many bytes tell the uncompressed length, the
// high one first (MariaDB sql/log_event.cc, binlog_buf_compress).
constexpr std::uint8_t kMark = 0x80;
constexpr std::uint8_t kAlgorithmBits = 0x70;  // 0 is zlib, the only one
constexpr std::uint8_t kLengthBits = 0x07;

std::optional<EventType> opened_type(EventType type) {
  using enum EventType;
  switch (type) {
    case query_compressed:
      return query;
    case write_rows_compressed_v1:
      return write_rows_v1;
    case update_rows_compressed_v1:
      return update_rows_v1;
    case delete_rows_compressed_v1:
      return delete_rows_v1;
    case write_rows_compressed:
      return write_rows_v2;
    case update_rows_compressed:
      return update_rows_v2;
    case delete_rows_compressed:
      return delete_rows_v2;
    default:
      return std::nullopt;
  }
}

// The part of the body that is compressed: it goes up to the body's end.
base::Result<base::ByteView> compressed_part(const EventView& event) {
  if (event.type() == EventType::query_compressed) {
    RELAY_ASSIGN(const QueryEvent query, QueryEvent::parse(event.body()));
    return query.statement;
  }
  RELAY_ASSIGN(const RowsEvent rows, RowsEvent::parse(event.type(), event.body()));
  return rows.rows;
}

struct Compressed {
  std::size_t uncompressed_size = 0;
  base::ByteView stream;
};

base::Result<Compressed> parse_head(base::ByteView part, EventType type) {
  base::ByteReader reader(part);
  const std::uint8_t head = reader.u8();
  const std::size_t length_bytes = head & kLengthBits;
  Compressed compressed;
  for (std::size_t i = 0; i < length_bytes; ++i)
    compressed.uncompressed_size = compressed.uncompressed_size << 8 | reader.u8();
  compressed.stream = reader.rest();
  if (!reader.ok() || (head & kMark) == 0 || length_bytes < 1 || length_bytes > 4) {
    return event_error(ErrorKind::malformed, "a compressed event's data has no right head", type);
  }
  if ((head & kAlgorithmBits) != 0) {
    return event_error(ErrorKind::unsupported, "a compressed event's compression is not known", type);
  }
  return compressed;
}

// Appends what lies under the bytes that are compressed.
base::Result<void> inflate_into(const Compressed& compressed, EventType type, base::Buffer& into) {
  const std::size_t start = into.size();
  into.resize(start + compressed.uncompressed_size);
  if (into.overflowed())
    return event_error(ErrorKind::unsupported, "a compressed event is too large when opened", type);
  auto size = static_cast<uLongf>(compressed.uncompressed_size);
  auto stream_size = static_cast<uLong>(compressed.stream.size());
  const int status = ::uncompress2(into.data() + start, &size, compressed.stream.data(), &stream_size);
  if (status != Z_OK || size != compressed.uncompressed_size || stream_size != compressed.stream.size()) {
    return event_error(ErrorKind::malformed, "a compressed event cannot be decompressed", type);
  }
  return {};
}

}  // namespace

base::Result<EventView> open_compressed_event(const EventView& event, std::size_t maximum_event, base::Buffer& into) {
  const std::optional<EventType> opened = opened_type(event.type());
  if (!opened) return event_error(ErrorKind::unsupported, "an event is no compressed event", event.type());
  RELAY_ASSIGN(const base::ByteView part, compressed_part(event));
  RELAY_ASSIGN(const Compressed compressed, parse_head(part, event.type()));
  const base::ByteView plain = event.body().sub(0, event.body().size() - part.size());
  const std::size_t size = kEventHeaderSize + plain.size() + compressed.uncompressed_size;
  if (size > maximum_event) {
    return event_error(ErrorKind::unsupported, "a compressed event is too large when opened", event.type());
  }
  EventHeader header = event.header();
  header.type_code = static_cast<std::uint8_t>(*opened);
  header.event_size = static_cast<std::uint32_t>(size);
  std::uint8_t encoded[kEventHeaderSize];
  encode_event_header(header, encoded);
  into.clear();
  into.append({encoded, sizeof encoded});
  into.append(plain);
  RELAY_TRY(inflate_into(compressed, event.type(), into));
  return EventView::parse(into.view(), ChecksumAlgorithm::none);
}

}  // namespace relay::binlog
