#include "relay/binlog/table_map.h"

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

// A name with its length before and a NUL behind it.
std::string_view name(base::ByteReader& reader) {
  const std::string_view text = reader.bytes(reader.u8()).text();
  if (reader.u8() != 0) reader.fail();
  return text;
}

base::Result<void> parse_columns(base::ByteView types, base::ByteView metadata, std::vector<ColumnType>& into) {
  base::ByteReader reader(metadata);
  into.clear();
  for (const std::uint8_t wire_code : types) {
    RELAY_ASSIGN(const std::size_t width, metadata_width(wire_code));
    const base::ByteView raw = reader.bytes(width);
    if (!reader.ok())
      return event_error(ErrorKind::malformed, "the metadata of a table map is shorter than its column types need",
                         EventType::table_map);
    RELAY_ASSIGN(const ColumnType type, decode_column_type(wire_code, raw));
    into.push_back(type);
  }
  if (!reader.at_end())
    return event_error(ErrorKind::malformed, "the metadata of a table map is longer than its column types need",
                       EventType::table_map);
  return {};
}

}  // namespace

base::Result<void> TableMap::parse(base::ByteView body, TableMap& into) {
  base::ByteReader reader(body);
  into.table_id = reader.u48();
  into.definition = body.sub(reader.position());
  into.flags = reader.u16();
  into.database = name(reader);
  into.table = name(reader);
  const std::uint64_t count = reader.length_encoded();
  if (!reader.ok()) return event_error(ErrorKind::malformed, "a table map is cut short", EventType::table_map);
  if (count == 0 || count > kMaximumColumns)
    return event_error(ErrorKind::malformed, "a table map has no columns, or more than a table can have",
                       EventType::table_map);
  const base::ByteView types = reader.bytes(count);
  into.metadata = reader.length_encoded_bytes();
  into.null_bits = reader.bytes((count + 7) / 8);
  into.optional_metadata = reader.rest();
  if (!reader.ok()) return event_error(ErrorKind::malformed, "a table map is cut short", EventType::table_map);
  return parse_columns(types, into.metadata, into.columns);
}

}  // namespace relay::binlog
