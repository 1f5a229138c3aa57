#include "tests/binlog/decode_all.h"

#include "relay/binlog/container.h"
#include "relay/binlog/format_description.h"
#include "relay/binlog/gtid_event.h"
#include "relay/binlog/gtid_set.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/table_map.h"

namespace relay::binlog::test {

namespace {

constexpr std::size_t kMaximumEvent = std::size_t{1} << 20;

bool decode_table_map(base::ByteView body, Flavor flavor) {
  TableMap map;
  if (!TableMap::parse(body, map)) return false;
  for (const ColumnType& type : map.columns) {
    static_cast<void>(type_name(type));
    static_cast<void>(cell_length(type, map.optional_metadata));
  }
  std::vector<bool> keep(map.columns.size(), true);
  base::Buffer made;
  bool read = OptionalMetadata::parse(map, flavor).has_value();
  read = rewrite_table_map(map, flavor, keep, made).has_value() && read;
  for (std::size_t i = 0; i + 1 < keep.size(); i += 2) keep[i] = false;
  made.clear();
  if (!rewrite_table_map(map, flavor, keep, made)) return false;
  TableMap again;
  return TableMap::parse(made.view(), again) && OptionalMetadata::parse(again, flavor) && read;
}

bool decode_query(base::ByteView body, Flavor flavor) {
  const auto query = QueryEvent::parse(body);
  if (!query) return false;
  base::Buffer filtered;
  return parse_query_status(query->status, flavor).has_value() &&
         filter_query_status(query->status, flavor, filtered).has_value();
}

bool decode_gtid(const EventView& event) {
  if (event.type() == EventType::mariadb_gtid) return MariadbGtidEvent::parse(event.body(), 1).has_value();
  const auto parsed = MysqlGtidEvent::parse(event.header().type_code, event.body());
  base::Buffer widened;
  const auto offset = widen_transaction_length(event.header().type_code, event.body(), widened);
  return parsed.has_value() && offset.has_value();
}

bool decode_container(const EventView& event, Flavor flavor) {
  if (event.type() == EventType::transaction_payload) {
    bool all = true;
    const auto each = [&](const EventView& inner) -> base::Result<void> {
      all = decode_all(inner, flavor) && all;
      return {};
    };
    return for_each_payload_event(event.body(), kMaximumEvent, each) && all;
  }
  base::Buffer opened;
  const auto inner = open_compressed_event(event, kMaximumEvent, opened);
  return inner && decode_all(*inner, flavor);
}

}  // namespace

bool decode_all(const EventView& event, Flavor flavor) {
  const EventTypeInfo* const info = find_event_type(event.header().type_code);
  if (info == nullptr) return true;
  static_cast<void>(event.checksum_is_right());
  if (info->handling == EventHandling::container) return decode_container(event, flavor);
  if (info->handling == EventHandling::rows) return RowsEvent::parse(event.type(), event.body()).has_value();
  switch (event.type()) {
    case EventType::format_description:
      return FormatDescription::parse(event.bytes()).has_value();
    case EventType::table_map:
      return decode_table_map(event.body(), flavor);
    case EventType::query:
      return decode_query(event.body(), flavor);
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
    case EventType::mariadb_gtid:
      return decode_gtid(event);
    case EventType::previous_gtids:
      return MysqlGtidSet::parse_binary(event.body()).has_value();
    case EventType::gtid_list:
      return MariadbGtidList::parse_event(event.body()).has_value();
    default:
      return true;
  }
}

}  // namespace relay::binlog::test
