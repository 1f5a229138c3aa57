#pragma once

#include <cstdint>
#include <string_view>

namespace relay::binlog {

// Type codes of the common header's fifth byte: MySQL's up to 42, MariaDB's from 160.
// (libs/mysql/binlog/event/binlog_event.h; MariaDB sql/log_event.h)
enum class EventType : std::uint8_t {
  unknown = 0,
  start_v3 = 1,
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  load = 6,
  slave = 7,
  create_file = 8,
  append_block = 9,
  exec_load = 10,
  delete_file = 11,
  new_load = 12,
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  pre_ga_write_rows = 20,
  pre_ga_update_rows = 21,
  pre_ga_delete_rows = 22,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  ignorable = 28,
  rows_query = 29,
  write_rows_v2 = 30,
  update_rows_v2 = 31,
  delete_rows_v2 = 32,
  gtid = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
  transaction_context = 36,
  view_change = 37,
  xa_prepare = 38,
  partial_update_rows = 39,
  transaction_payload = 40,
  heartbeat_v2 = 41,
  gtid_tagged = 42,
  annotate_rows = 160,
  binlog_checkpoint = 161,
  mariadb_gtid = 162,
  gtid_list = 163,
  start_encryption = 164,
  query_compressed = 165,
  write_rows_compressed_v1 = 166,
  update_rows_compressed_v1 = 167,
  delete_rows_compressed_v1 = 168,
  write_rows_compressed = 169,
  update_rows_compressed = 170,
  delete_rows_compressed = 171,
  partial_row_data = 172,
};

// MySQL's event before each transaction: with its GTID, or in its place.
[[nodiscard]] constexpr bool is_mysql_gtid(EventType type) {
  return type == EventType::gtid || type == EventType::anonymous_gtid || type == EventType::gtid_tagged;
}

// What the relay does with an event of a type. The one table of event types; a code that is not in it halts.
enum class EventHandling : std::uint8_t {
  control,    // the stream's own: rotate, format description, previous GTIDs ...; made anew for the spool
  group,      // begins or ends a transaction: GTIDs, XID, XA prepare; rewritten
  statement,  // SQL text; judged by the statement policy
  load_data,  // a piece of LOAD DATA's file: goes where its statement may go, else the stream halts
  table_map,  // rewritten
  rows,       // rewritten
  container,  // holds other events or a compressed one; opened, and what is inside is judged
  drop,       // never leaves and nothing is lost with it
  halt,       // cannot be judged, or could carry values: the stream stops before it
};

struct EventTypeInfo {
  EventType type;
  std::string_view name;  // as mysqlbinlog and mariadb-binlog spell it
  bool may_carry_values;  // may carry values of rows, or SQL
  EventHandling handling;
  // Bytes of the fixed part of the body, where the relay reads the body by it; 0 elsewhere.
  std::uint8_t post_header = 0;
};

// Null for a code that is not known.
[[nodiscard]] const EventTypeInfo* find_event_type(std::uint8_t code);

// What the table says of a type; a type that is not in it is dropped where its event is marked as one that replicas may
// ignore (kFlagIgnorable in `flags`), since then nothing is lost with it, and halts otherwise.
[[nodiscard]] EventHandling event_handling(std::uint8_t code, std::uint16_t flags);

}  // namespace relay::binlog
