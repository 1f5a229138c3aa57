#include "relay/binlog/stream_role.h"

#include "relay/binlog/query_event.h"
#include "relay/binlog/statement_words.h"

namespace relay::binlog {

namespace {

base::Result<StreamRole> query_role(base::ByteView body) {
  RELAY_ASSIGN(const QueryEvent query, QueryEvent::parse(body));
  switch (statement_word(query.statement)) {
    case StatementWord::begin:
    case StatementWord::xa_start:
      return StreamRole::opening;
    case StatementWord::create_start_transaction:
      return StreamRole::creation;
    case StatementWord::commit:
    case StatementWord::rollback:
      return StreamRole::terminator;
    case StatementWord::xa_end_of_prepared:
      return StreamRole::prepared_xa;
    case StatementWord::other:
      break;
  }
  return StreamRole::statement;
}

}  // namespace

bool is_artificial(const EventHeader& header) {
  const bool flagged = (header.flags & kFlagArtificial) != 0;
  switch (header.type()) {
    case EventType::heartbeat:
    case EventType::heartbeat_v2:
      return true;
    case EventType::rotate:
      return flagged || header.timestamp == 0;
    case EventType::gtid_list:
      return flagged;
    case EventType::start_encryption:
    case EventType::format_description:
      return header.next_position == 0;
    default:
      return false;
  }
}

base::Result<StreamRole> stream_role(const EventView& event) {
  using enum EventType;
  switch (event.type()) {
    case format_description:
      return StreamRole::format;
    case rotate:
    case stop:
    case previous_gtids:
    case gtid_list:
    case binlog_checkpoint:
    case start_encryption:
      return is_artificial(event.header()) ? StreamRole::nothing : StreamRole::control;
    case gtid:
    case anonymous_gtid:
    case gtid_tagged:
    case mariadb_gtid:
      return StreamRole::gtid;
    case intvar:
    case rand:
    case user_var:
    case rows_query:
    case annotate_rows:
    case begin_load_query:
    case append_block:
    case delete_file:
    case transaction_context:
    case view_change:
    case partial_row_data:
      return StreamRole::part;
    case table_map:
    case write_rows_v1:
    case update_rows_v1:
    case delete_rows_v1:
    case write_rows_v2:
    case update_rows_v2:
    case delete_rows_v2:
    case partial_update_rows:
    case write_rows_compressed_v1:
    case update_rows_compressed_v1:
    case delete_rows_compressed_v1:
    case write_rows_compressed:
    case update_rows_compressed:
    case delete_rows_compressed:
      return StreamRole::rows;
    case execute_load_query:
    case query_compressed:
    case incident:
      return StreamRole::statement;
    case xid:
    case xa_prepare:
      return StreamRole::terminator;
    case query:
      return query_role(event.body());
    default:
      return StreamRole::nothing;
  }
}

}  // namespace relay::binlog
