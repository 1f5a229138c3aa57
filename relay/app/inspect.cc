#include "relay/app/inspect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "relay/app/binlog_file.h"
#include "relay/base/ascii.h"
#include "relay/base/byte_reader.h"
#include "relay/binlog/container.h"
#include "relay/binlog/event_type.h"
#include "relay/binlog/gtid_set.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/stream_state.h"
#include "relay/binlog/table_map.h"
#include "relay/spool/journal.h"
#include "relay/sql/ddl.h"

namespace relay::app {

namespace {

using base::Result;
using binlog::EventType;
using binlog::EventView;
using nlohmann::ordered_json;

constexpr std::size_t kMaximumEvent = std::size_t{1} << 30;

std::string_view statement_kind_name(sql::StatementKind kind) {
  using sql::StatementKind;
  switch (kind) {
    case StatementKind::begin:
      return "BEGIN";
    case StatementKind::commit:
      return "COMMIT";
    case StatementKind::rollback:
      return "ROLLBACK";
    case StatementKind::savepoint:
      return "SAVEPOINT";
    case StatementKind::rollback_to_savepoint:
      return "ROLLBACK TO SAVEPOINT";
    case StatementKind::release_savepoint:
      return "RELEASE SAVEPOINT";
    case StatementKind::xa_start:
      return "XA START";
    case StatementKind::xa_end:
      return "XA END";
    case StatementKind::xa_prepare:
      return "XA PREPARE";
    case StatementKind::xa_commit:
      return "XA COMMIT";
    case StatementKind::xa_rollback:
      return "XA ROLLBACK";
    case StatementKind::create_table:
      return "CREATE TABLE";
    case StatementKind::alter_table:
      return "ALTER TABLE";
    case StatementKind::drop_table:
      return "DROP TABLE";
    case StatementKind::rename_table:
      return "RENAME TABLE";
    case StatementKind::truncate_table:
      return "TRUNCATE TABLE";
    case StatementKind::create_index:
      return "CREATE INDEX";
    case StatementKind::drop_index:
      return "DROP INDEX";
    case StatementKind::create_database:
      return "CREATE DATABASE";
    case StatementKind::alter_database:
      return "ALTER DATABASE";
    case StatementKind::drop_database:
      return "DROP DATABASE";
    case StatementKind::harmless:
      return "changes no table";
    case StatementKind::changes_data:
      return "changes data";
  }
  return "unknown";
}

// One pass over a file. Holds what an event's description needs of the events before it.
class Inspector {
 public:
  Inspector(bool json, const std::function<void(const std::string&)>& write_line)
      : json_(json), write_line_(write_line) {}

  Result<void> event(const EventView& event, std::uint64_t offset, bool inner,
                     const std::optional<spool::JournalRecord>& journal) {
    RELAY_ASSIGN(const auto step, state_.advance(event));
    ordered_json line;
    const binlog::EventTypeInfo* const info = binlog::find_event_type(event.header().type_code);
    line["offset"] = offset;
    if (inner) line["inner"] = true;
    line["type"] = info != nullptr ? std::string(info->name) : fmt::format("type {}", event.header().type_code);
    line["timestamp"] = event.header().timestamp;
    line["server_id"] = event.header().server_id;
    line["size"] = event.header().event_size;
    if (!event.checksum_is_right()) line["checksum"] = "wrong";
    RELAY_TRY(describe(event, line));
    if (step.ends_transaction && journal) {
      line["source_end"] = journal->source_end;
      line["events"] = {
          {"kept", journal->events_kept}, {"replaced", journal->events_replaced}, {"dropped", journal->events_dropped}};
    }
    write_line_(json_ ? written(line) : text_of(line));
    return open_container(event, offset);
  }

  [[nodiscard]] binlog::ChecksumAlgorithm checksum() const { return state_.checksum(); }

 private:
  Result<void> describe(const EventView& event, ordered_json& line) {
    const binlog::EventTypeInfo* const info = binlog::find_event_type(event.header().type_code);
    if (info == nullptr) return {};
    switch (event.type()) {
      case EventType::format_description:
        line["server"] = state_.format().server_version;
        return {};
      case EventType::rotate: {
        base::ByteReader reader(event.body());
        line["position"] = reader.u64();
        line["next_file"] = reader.rest().text();
        return {};
      }
      case EventType::previous_gtids: {
        RELAY_ASSIGN(const auto set, binlog::MysqlGtidSet::parse_binary(event.body()));
        line["gtids"] = set.text();
        return {};
      }
      case EventType::gtid_list: {
        RELAY_ASSIGN(const auto list, binlog::MariadbGtidList::parse_event(event.body()));
        line["gtids"] = list.position_text();
        return {};
      }
      case EventType::gtid:
      case EventType::gtid_tagged:
        line["gtid"] = state_.mysql_gtid()->gtid.text();
        return {};
      case EventType::mariadb_gtid:
        line["gtid"] = state_.mariadb_gtid()->gtid.text();
        return {};
      case EventType::query:
        return describe_query(event, line);
      case EventType::table_map:
        return describe_table_map(event, line);
      default:
        break;
    }
    return info->handling == binlog::EventHandling::rows ? describe_rows(event, line) : Result<void>();
  }

  // The kind of a statement, never its text.
  Result<void> describe_query(const EventView& event, ordered_json& line) {
    RELAY_ASSIGN(const auto query, binlog::QueryEvent::parse(event.body()));
    const bool mariadb = state_.format().flavor() == binlog::Flavor::mariadb;
    sql::SqlContext context;
    context.dialect = mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
    context.server_version = state_.format().version_number();
    context.default_database = query.database;
    if (const auto status = binlog::parse_query_status(query.status, state_.format().flavor())) {
      context.sql_mode = status->sql_mode.value_or(0);
      context.client_collation = status->client_collation.value_or(context.client_collation);
    }
    const auto statement = sql::read_statement(query.statement.text(), context);
    const bool read = statement && (*statement)->why_unread() == nullptr;
    line["statement"] = read ? statement_kind_name((*statement)->kind()) : "cannot be read";
    if (statement) {
      for (const sql::TableName& name : (*statement)->tables())
        line["tables"].push_back(name.database + "." + name.table);
    }
    return {};
  }

  Result<void> describe_table_map(const EventView& event, ordered_json& line) {
    binlog::TableMap map;
    RELAY_TRY(binlog::TableMap::parse(event.body(), map));
    line["table_id"] = map.table_id;
    line["table"] = fmt::format("{}.{}", map.database, map.table);
    for (const binlog::ColumnType& column : map.columns) line["columns"].push_back(binlog::type_name(column));
    return {};
  }

  Result<void> describe_rows(const EventView& event, ordered_json& line) {
    RELAY_ASSIGN(const auto rows, binlog::RowsEvent::parse(event.type(), event.body()));
    line["table_id"] = rows.table_id;
    line["width"] = rows.width;
    line["bytes"] = rows.rows.size();
    if (rows.ends_statement()) line["ends_statement"] = true;
    return {};
  }

  Result<void> open_container(const EventView& outer, std::uint64_t offset) {
    const binlog::EventTypeInfo* const info = binlog::find_event_type(outer.header().type_code);
    if (info == nullptr || info->handling != binlog::EventHandling::container) return {};
    if (outer.type() == EventType::transaction_payload) {
      return binlog::for_each_payload_event(outer.body(), kMaximumEvent, [&](const EventView& inside) {
        return event(inside, offset, true, std::nullopt);
      });
    }
    opened_.clear();
    RELAY_ASSIGN(const auto plain, binlog::open_compressed_event(outer, kMaximumEvent, opened_));
    return event(plain, offset, true, std::nullopt);
  }

  // Names may be in any character set.
  static std::string written(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  }

  static std::string text_of(const ordered_json& line) {
    std::string text =
        fmt::format("{:>10}  {:<28}", line["offset"].get<std::uint64_t>(), line["type"].get<std::string>());
    for (const auto& [key, value] : line.items()) {
      if (key == "offset" || key == "type") continue;
      const std::string shown = written(value);
      text += fmt::format(" {}={}", key, value.is_string() ? shown.substr(1, shown.size() - 2) : shown);
    }
    return base::without_control(std::move(text));
  }

  bool json_;
  const std::function<void(const std::string&)>& write_line_;
  binlog::StreamState state_;
  base::Buffer opened_;
};

}  // namespace

Result<void> inspect_file(base::FileSystem& files, const std::string& path, bool json,
                          const std::function<void(const std::string&)>& write_line) {
  RELAY_ASSIGN(auto file, BinlogFile::open(files, path));
  std::optional<spool::Journal> journal;
  RELAY_ASSIGN(const bool has_journal, files.exists(path + ".journal"));
  if (has_journal) {
    RELAY_ASSIGN(auto opened, spool::Journal::open_to_read(files, path + ".journal"));
    journal = std::move(opened);
  }
  Inspector inspector(json, write_line);
  while (true) {
    RELAY_ASSIGN(const auto event, file.next(inspector.checksum()));
    if (!event) return {};
    const std::uint64_t end = file.event_offset() + event->header().event_size;
    std::optional<spool::JournalRecord> record;
    if (journal) {
      RELAY_ASSIGN(const auto found, journal->last_within(end));
      if (found && found->spool_end == end) record = found;
    }
    auto described = inspector.event(*event, file.event_offset(), false, record);
    if (!described)
      return base::fail(described.error().about(path).at(file.event_offset()).in_event(event->header().type_code));
  }
}

}  // namespace relay::app
