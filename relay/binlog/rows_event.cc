#include "relay/binlog/rows_event.h"

#include <optional>

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/table_map.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

struct Form {
  RowsKind kind;
  bool version_2;
};

std::optional<Form> form_of(EventType type) {
  using enum EventType;
  switch (type) {
    case write_rows_v1:
    case write_rows_compressed_v1:
      return Form{RowsKind::write, false};
    case update_rows_v1:
    case update_rows_compressed_v1:
      return Form{RowsKind::update, false};
    case delete_rows_v1:
    case delete_rows_compressed_v1:
      return Form{RowsKind::delete_, false};
    case write_rows_v2:
    case write_rows_compressed:
      return Form{RowsKind::write, true};
    case update_rows_v2:
    case update_rows_compressed:
    case partial_update_rows:
      return Form{RowsKind::update, true};
    case delete_rows_v2:
    case delete_rows_compressed:
      return Form{RowsKind::delete_, true};
    default:
      return std::nullopt;
  }
}

// The extra data's length counts its own two bytes.
base::ByteView read_extra_data(base::ByteReader& reader) {
  const std::uint16_t length = reader.u16();
  if (length < 2) {
    reader.fail();
    return {};
  }
  return reader.bytes(length - 2U);
}

// Whether an image has any column; bits from `width` on mean nothing, and servers set them.
bool any_present(base::ByteView bits, std::uint64_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    if (bit_is_set(bits, i)) return true;
  }
  return false;
}

}  // namespace

base::Result<RowsEvent> RowsEvent::parse(EventType type, base::ByteView body) {
  const std::optional<Form> form = form_of(type);
  if (!form) return event_error(ErrorKind::unsupported, "an event is no rows event that can be read", type);
  base::ByteReader reader(body);
  RowsEvent event;
  event.kind = form->kind;
  event.version_2 = form->version_2;
  event.partial_json = type == EventType::partial_update_rows;
  event.table_id = reader.u48();
  event.flags = reader.u16();
  if (form->version_2) event.extra_data = read_extra_data(reader);
  event.width = reader.length_encoded();
  if (reader.ok() && (event.width == 0 || event.width > kMaximumColumns)) {
    return event_error(ErrorKind::malformed, "a rows event has no columns, or more than a table can have", type);
  }
  event.present = reader.bytes((event.width + 7) / 8);
  event.present_after = form->kind == RowsKind::update ? reader.bytes((event.width + 7) / 8) : event.present;
  event.rows = reader.rest();
  if (!reader.ok()) return event_error(ErrorKind::malformed, "a rows event is cut short", type);
  if (!event.rows.empty() && !any_present(event.present, event.width) &&
      !any_present(event.present_after, event.width)) {
    return event_error(ErrorKind::malformed, "a rows event has rows but no columns in them", type);
  }
  return event;
}

}  // namespace relay::binlog
