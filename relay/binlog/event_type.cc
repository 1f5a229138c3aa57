#include "relay/binlog/event_type.h"

#include <array>

#include "relay/binlog/event_view.h"

namespace relay::binlog {

namespace {

using enum EventType;
using Handling = EventHandling;

// Post-header lengths: MySQL libs/mysql/binlog/event/binlog_event.h; MariaDB sql/log_event.h.
// USER_VAR, INTVAR and RAND are dropped because the statement that they belong to is judged: where it goes they are
// worth nothing, where it halts they never leave.
constexpr EventTypeInfo kMysqlTypes[] = {
    {unknown, "Unknown", true, Handling::halt},
    {start_v3, "Start_v3", false, Handling::halt},
    {query, "Query", true, Handling::statement, 13},
    {stop, "Stop", false, Handling::control},
    {rotate, "Rotate", false, Handling::control, 8},
    {intvar, "Intvar", true, Handling::drop},
    {load, "Load", true, Handling::halt},
    {slave, "Slave", true, Handling::halt},
    {create_file, "Create_file", true, Handling::halt},
    {append_block, "Append_block", true, Handling::load_data, 4},
    {exec_load, "Exec_load", true, Handling::halt},
    {delete_file, "Delete_file", true, Handling::load_data, 4},
    {new_load, "New_load", true, Handling::halt},
    {rand, "RAND", true, Handling::drop},
    {user_var, "User var", true, Handling::drop},
    {format_description, "Format_desc", false, Handling::control},
    {xid, "Xid", false, Handling::group},
    {begin_load_query, "Begin_load_query", true, Handling::load_data, 4},
    {execute_load_query, "Execute_load_query", true, Handling::statement, 26},
    {table_map, "Table_map", true, Handling::table_map, 8},
    {pre_ga_write_rows, "Write_rows_event_old", true, Handling::halt},
    {pre_ga_update_rows, "Update_rows_event_old", true, Handling::halt},
    {pre_ga_delete_rows, "Delete_rows_event_old", true, Handling::halt},
    {write_rows_v1, "Write_rows_v1", true, Handling::rows, 8},
    {update_rows_v1, "Update_rows_v1", true, Handling::rows, 8},
    {delete_rows_v1, "Delete_rows_v1", true, Handling::rows, 8},
    {incident, "Incident", true, Handling::halt},
    {heartbeat, "Heartbeat", false, Handling::control},
    {ignorable, "Ignorable", true, Handling::drop},
    {rows_query, "Rows_query", true, Handling::drop},
    {write_rows_v2, "Write_rows", true, Handling::rows, 10},
    {update_rows_v2, "Update_rows", true, Handling::rows, 10},
    {delete_rows_v2, "Delete_rows", true, Handling::rows, 10},
    {gtid, "Gtid", false, Handling::group},
    {anonymous_gtid, "Anonymous_Gtid", false, Handling::group},
    {previous_gtids, "Previous_gtids", false, Handling::control},
    {transaction_context, "Transaction_context", true, Handling::halt},
    {view_change, "View_change", true, Handling::halt},
    {xa_prepare, "XA_prepare", true, Handling::group},
    {partial_update_rows, "Update_rows_partial", true, Handling::rows, 10},
    {transaction_payload, "Transaction_payload", true, Handling::container},
    {heartbeat_v2, "Heartbeat", false, Handling::control},
    {gtid_tagged, "Gtid_tagged_log_event", false, Handling::group},
};

constexpr EventTypeInfo kMariadbTypes[] = {
    {annotate_rows, "Annotate_rows", true, Handling::drop},
    {binlog_checkpoint, "Binlog_checkpoint", false, Handling::drop},
    {mariadb_gtid, "Gtid", false, Handling::group, 19},
    {gtid_list, "Gtid_list", false, Handling::control, 4},
    {start_encryption, "Start_encryption", false, Handling::drop},
    {query_compressed, "Query_compressed", true, Handling::container, 13},
    {write_rows_compressed_v1, "Write_rows_compressed_v1", true, Handling::container, 8},
    {update_rows_compressed_v1, "Update_rows_compressed_v1", true, Handling::container, 8},
    {delete_rows_compressed_v1, "Delete_rows_compressed_v1", true, Handling::container, 8},
    {write_rows_compressed, "Write_rows_compressed", true, Handling::container, 10},
    {update_rows_compressed, "Update_rows_compressed", true, Handling::container, 10},
    {delete_rows_compressed, "Delete_rows_compressed", true, Handling::container, 10},
    {partial_row_data, "Partial_row_data", true, Handling::halt},
};

// The tables are indexed by code, so each entry must stand at its own.
template <std::size_t N>
constexpr bool in_order(const EventTypeInfo (&types)[N], std::size_t first) {
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<std::size_t>(types[i].type) != first + i) return false;
  }
  return true;
}
static_assert(in_order(kMysqlTypes, 0) && std::size(kMysqlTypes) == 43);
static_assert(in_order(kMariadbTypes, 160));

}  // namespace

const EventTypeInfo* find_event_type(std::uint8_t code) {
  if (code < std::size(kMysqlTypes)) return &kMysqlTypes[code];
  if (code >= 160 && code - 160U < std::size(kMariadbTypes)) return &kMariadbTypes[code - 160U];
  return nullptr;
}

EventHandling event_handling(std::uint8_t code, std::uint16_t flags) {
  if (const EventTypeInfo* info = find_event_type(code)) return info->handling;
  return (flags & kFlagIgnorable) != 0 ? EventHandling::drop : EventHandling::halt;
}

}  // namespace relay::binlog
