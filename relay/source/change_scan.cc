#include "relay/source/change_scan.h"

#include "relay/binlog/container.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/table_map.h"
#include "relay/source/logged_statement.h"
#include "relay/sql/character_set.h"

namespace relay::source {

namespace {

using base::FixedText;
using binlog::EventType;
using binlog::EventView;
using sql::StatementKind;

constexpr std::size_t kLargestEvent = std::size_t{1} << 30;
constexpr std::size_t kReservedBuffer = std::size_t{1} << 20;

constexpr FixedText kUnread{"the source's binary log has something that cannot be read with certainty"};
constexpr FixedText kStatement{"the source's binary log has a statement that changes rows"};
constexpr FixedText kUnknownEvent{"the source's binary log has an event that may stand for any change"};
constexpr FixedText kCrashed{"the source was not shut down: its binary log may lack what it had, or have more"};
constexpr FixedText kOtherVersion{"the source was replaced by another version"};
constexpr FixedText kOtherFile{"the source's binary log is another one than a moment before"};
constexpr FixedText kEarlierXa{"an XA transaction was committed that was prepared before"};

// X'hex',X'hex',1 of an XA statement in the form in which servers write it.
std::string xa_name(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  return second == std::string_view::npos ? std::string() : std::string(text.substr(second + 1));
}

}  // namespace

void ChangeScan::change_all(FixedText why) {
  touched_.add_everything();
  if (!why_all_) why_all_ = why;
}

void ChangeScan::add(const SourceStream::Item& item) {
  follow_file(item);
  const EventType type = item.event.type();
  if (item.artificial && type != EventType::format_description) return;  // nothing that was written to the log
  look(item.event);
  if (!item.artificial && type != EventType::format_description) last_ = type;
}

// A server writes STOP when it is shut down, and ROTATE when it goes on in another file. One that ends its file with
// neither was killed, or its machine was: what lies in its log and what lies in its tables need not be the same then.
void ChangeScan::follow_file(const SourceStream::Item& item) {
  if (item.file.empty() || item.file == file_) return;
  if (!file_.empty() && last_ != EventType::rotate && last_ != EventType::stop) change_all(kCrashed);
  file_ = item.file;
}

void ChangeScan::look(const EventView& event) {
  switch (event.type()) {
    case EventType::format_description:
      return look_at_format(event);
    case EventType::table_map:
      return look_at_table_map(event);
    case EventType::write_rows_v1:
    case EventType::update_rows_v1:
    case EventType::delete_rows_v1:
    case EventType::write_rows_v2:
    case EventType::update_rows_v2:
    case EventType::delete_rows_v2:
    case EventType::partial_update_rows:
    case EventType::write_rows_compressed_v1:
    case EventType::update_rows_compressed_v1:
    case EventType::delete_rows_compressed_v1:
    case EventType::write_rows_compressed:
    case EventType::update_rows_compressed:
    case EventType::delete_rows_compressed:
      return look_at_rows(event);
    case EventType::query:
      return look_at_query(event);
    case EventType::query_compressed:
    case EventType::transaction_payload:
      return look_into(event);
    case EventType::xid:
    case EventType::xa_prepare:
      mapped_.clear();
      return;
    // They change no row themselves.
    case EventType::stop:
    case EventType::rotate:
    case EventType::intvar:
    case EventType::rand:
    case EventType::user_var:
    case EventType::heartbeat:
    case EventType::heartbeat_v2:
    case EventType::rows_query:
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
    case EventType::previous_gtids:
    case EventType::view_change:
    case EventType::annotate_rows:
    case EventType::binlog_checkpoint:
    case EventType::mariadb_gtid:
    case EventType::gtid_list:
    case EventType::start_encryption:
      return;
    default:
      return change_all(kUnknownEvent);
  }
}

void ChangeScan::look_at_format(const EventView& event) {
  auto format = binlog::FormatDescription::parse(event.bytes());
  if (!format) return change_all(kUnread);
  if (first_file_made_ == 0) {
    first_file_made_ = event.header().timestamp;
  } else {
    if (format->created != 0 && last_ != EventType::stop) change_all(kCrashed);
    if (format->server_version != format_.server_version) change_all(kOtherVersion);
  }
  const std::uint32_t made = event.header().timestamp;
  if (format_file_ == file_ && format_made_ != made) change_all(kOtherFile);
  format_file_ = file_;
  format_made_ = made;
  format_ = std::move(*format);
  mapped_.clear();
}

// A map without rows counts, too: it is hardly ever written.
void ChangeScan::look_at_table_map(const EventView& event) {
  binlog::TableMap map;
  if (!binlog::TableMap::parse(event.body(), map)) return change_all(kUnread);
  mapped_.insert(map.table_id);
  touched_.add_table(fold_case_ ? sql::TableName{sql::folded(map.database), sql::folded(map.table)}
                                : sql::TableName{std::string(map.database), std::string(map.table)});
}

void ChangeScan::look_at_rows(const EventView& event) {
  const auto rows = binlog::RowsEvent::parse(event.type(), event.body());
  if (!rows) return change_all(kUnread);
  if (rows->table_id != binlog::kDummyTableId && !mapped_.contains(rows->table_id)) change_all(kUnread);
}

void ChangeScan::look_into(const EventView& event) {
  opened_.clear();
  opened_.shrink(kReservedBuffer);
  if (event.type() == EventType::query_compressed) {
    const auto plain = binlog::open_compressed_event(event, kLargestEvent, opened_);
    return plain ? look_at_query(*plain) : change_all(kUnread);
  }
  const auto read =
      binlog::for_each_payload_event(event.body(), kLargestEvent, [this](const EventView& inner) -> base::Result<void> {
        // None holds another.
        if (inner.type() == EventType::transaction_payload) {
          change_all(kUnread);
        } else {
          look(inner);
        }
        return {};
      });
  if (!read) change_all(kUnread);
}

void ChangeScan::look_at_query(const EventView& event) {
  mapped_.clear();
  const auto query = binlog::QueryEvent::parse(event.body());
  if (!query) return change_all(kUnread);
  const std::string_view text = query->statement.text();
  if (is_transaction_control(text)) return;
  const auto status = binlog::parse_query_status(query->status, format_.flavor());
  if (!status) return change_all(kUnread);
  const auto statement = sql::read_statement(text, context_of(*query, *status, format_, fold_case_));
  if (!statement || (*statement)->why_unread() != nullptr) return change_all(kUnread);
  look_at_statement(**statement, text);
}

void ChangeScan::look_at_statement(const sql::Statement& statement, std::string_view text) {
  switch (statement.kind()) {
    case StatementKind::begin:
    case StatementKind::commit:
    case StatementKind::rollback:
    case StatementKind::savepoint:
    case StatementKind::rollback_to_savepoint:
    case StatementKind::release_savepoint:
    case StatementKind::xa_rollback:
    // Rows, columns and definitions of the tables that are there stay as they are.
    case StatementKind::create_database:
    case StatementKind::alter_database:
      return;
    case StatementKind::xa_start:
    case StatementKind::xa_end:
    case StatementKind::xa_prepare:
      xa_prepared_.insert(xa_name(text));
      return;
    case StatementKind::xa_commit:
      if (!xa_prepared_.contains(xa_name(text))) change_all(kEarlierXa);
      return;
    case StatementKind::drop_database:
      touched_.add_tables_of(statement.database());
      return;
    case StatementKind::create_table:
    case StatementKind::alter_table:
    case StatementKind::drop_table:
    case StatementKind::rename_table:
    case StatementKind::truncate_table:
    case StatementKind::create_index:
    case StatementKind::drop_index:
    case StatementKind::harmless:
      for (const sql::TableName& table : statement.tables()) touched_.add_table(table);
      return;
    case StatementKind::changes_data:
      return change_all(kStatement);
  }
  change_all(kUnread);
}

base::Result<bool> read_changes(SourceConnection& dump, const SourceFacts& facts, const LogPlace& from,
                                const LogPlace& to, ChangeScan& scan) {
  DumpRequest request;  // without an identity: a source ends an older dump of the same replica
  request.flavor = facts.flavor;
  request.file = from.file;
  request.offset = from.offset;
  request.non_blocking = true;
  RELAY_TRY(dump.start_dump(request));
  SourceStream stream(dump, dump.checksum());
  if (request.offset > UINT32_MAX) stream.skip_to(request.file, request.offset);
  for (;;) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) return false;
    scan.add(*item);
    if (scan.why_all()) return true;  // there is nothing more to find
    const bool at_end = item->file == to.file && stream.offset() >= to.offset;
    if (at_end && scan.first_file_made() != 0) return true;
  }
}

}  // namespace relay::source
