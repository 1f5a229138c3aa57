#include "relay/binlog/query_event.h"

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"

namespace relay::binlog {

namespace {

constexpr std::size_t kLoadFields = 4 + 4 + 4 + 1;  // EXECUTE_LOAD_QUERY_EXTRA_HEADER_LEN

base::Result<QueryEvent> parse_body(base::ByteView body, std::size_t more_fields, EventType type) {
  base::ByteReader reader(body);
  QueryEvent event;
  event.thread_id = reader.u32();
  event.execution_time = reader.u32();
  const std::uint8_t database_length = reader.u8();
  event.error_code = reader.u16();
  const std::uint16_t status_length = reader.u16();
  reader.skip(more_fields);
  event.status = reader.bytes(status_length);
  event.database = reader.bytes(database_length).text();
  const std::uint8_t nul = reader.u8();
  event.statement = reader.rest();
  if (!reader.ok() || nul != 0) {
    return event_error(base::ErrorKind::malformed, "a query event is cut short or its lengths do not fit", type);
  }
  return event;
}

}  // namespace

base::Result<QueryEvent> QueryEvent::parse(base::ByteView body) { return parse_body(body, 0, EventType::query); }

base::Result<QueryEvent> QueryEvent::parse_load(base::ByteView body) {
  return parse_body(body, kLoadFields, EventType::execute_load_query);
}

void encode_query_body(const QueryEvent& event, base::Buffer& into) {
  into.append_u32(event.thread_id);
  into.append_u32(event.execution_time);
  into.append_u8(static_cast<std::uint8_t>(event.database.size()));
  into.append_u16(event.error_code);
  into.append_u16(static_cast<std::uint16_t>(event.status.size()));
  into.append(event.status);
  into.append(event.database);
  into.append_u8(0);
  into.append(event.statement);
}

}  // namespace relay::binlog
