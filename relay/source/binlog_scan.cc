#include "relay/source/binlog_scan.h"

#include <algorithm>

#include "relay/binlog/container.h"
#include "relay/binlog/query_event.h"
#include "relay/source/logged_statement.h"
#include "relay/sql/character_set.h"
#include "relay/sql/create_effect.h"
#include "relay/sql/statement_tree.h"

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::EventType;
using binlog::EventView;
using sql::StatementKind;

constexpr std::size_t kMaximumEvent = std::size_t{1} << 30;
constexpr std::size_t kKeptBuffer = std::size_t{1} << 20;

Error inside_transaction() {
  return Error(ErrorKind::rule, "the place to start from lies inside a transaction or an event")
      .remedy("give source.start a position where a transaction ends, such as one that SHOW BINARY LOG STATUS gave");
}

}  // namespace

void TouchedTables::add_perhaps_made(const sql::TableName& name, std::vector<std::string> columns) {
  if (columns.empty()) return add_table(name);  // a copy of another table
  perhaps_made_.try_emplace({name.database, name.table}, std::move(columns));
}

bool TouchedTables::contains(const sql::TableName& name) const {
  return everything_ || databases_.find(name.database) != databases_.end() ||
         tables_.count({name.database, name.table}) != 0;
}

bool TouchedTables::touches(const sql::TableDefinition& table) const {
  if (contains({table.database, table.table})) return true;
  const auto made = perhaps_made_.find({table.database, table.table});
  if (made == perhaps_made_.end()) return false;
  return std::ranges::equal(
      made->second, table.columns,
      [](const std::string& name, const sql::ColumnDefinition& column) { return sql::equal_names(name, column.name); });
}

bool TouchedTables::contains_character_set_of(std::string_view database) const {
  return everything_ || databases_.find(database) != databases_.end() ||
         character_sets_.find(database) != character_sets_.end();
}

base::Result<void> BinlogScan::add(const SourceStream::Item& item) {
  if (before_start_) return add_before_start(item);
  switch (item.event.type()) {
    case EventType::query:
      note_statement(item.event);
      return {};
    case EventType::format_description:
    case EventType::previous_gtids:
    case EventType::gtid_list:
      return follow(item.event);
    case EventType::transaction_payload:
    case EventType::query_compressed:
      return open(item.event);
    default:
      return {};
  }
}

// Follows the grammar, so that a place inside a transaction is seen as such, and notes each whole transaction's GTID.
base::Result<void> BinlogScan::add_before_start(const SourceStream::Item& item) {
  const bool behind = item.file != start_file_ || (!item.artificial && item.end_offset > start_offset_);
  if (behind && !item.file.empty()) return base::fail(inside_transaction().about(start_file_).at(start_offset_));
  if (item.event.type() == EventType::transaction_payload) {
    RELAY_TRY(binlog::for_each_payload_event(item.event.body(), kMaximumEvent,
                                             [this](const EventView& inner) { return follow(inner); }));
  } else {
    RELAY_TRY(follow(item.event));
  }
  if (item.artificial || item.end_offset != start_offset_) return {};
  if (state_.place() != binlog::StreamState::Place::between_transactions) {
    return base::fail(inside_transaction().about(start_file_).at(start_offset_));
  }
  before_start_ = false;
  return {};
}

base::Result<void> BinlogScan::follow(const EventView& event) {
  RELAY_TRY(note_head(event));
  if (!before_start_ && event.type() != EventType::format_description) return {};
  RELAY_ASSIGN(const binlog::StreamState::Step step, state_.advance(event));
  if (!step.ends_transaction) return {};
  if (state_.mysql_gtid() && !state_.mysql_gtid()->anonymous) mysql_gtids_.add(state_.mysql_gtid()->gtid);
  if (state_.mariadb_gtid()) mariadb_gtids_.update(state_.mariadb_gtid()->gtid);
  return {};
}

// The first of these events says what lies before the first file.
base::Result<void> BinlogScan::note_head(const EventView& event) {
  if (head_noted_) return {};
  if (event.type() == EventType::previous_gtids) {
    RELAY_ASSIGN(mysql_gtids_, binlog::MysqlGtidSet::parse_binary(event.body()));
    head_noted_ = true;
  } else if (event.type() == EventType::gtid_list) {
    RELAY_ASSIGN(mariadb_gtids_, binlog::MariadbGtidList::parse_event(event.body()));
    head_noted_ = true;
  }
  return {};
}

base::Result<void> BinlogScan::open(const EventView& event) {
  opened_.clear();
  opened_.shrink(kKeptBuffer);
  if (event.type() == EventType::query_compressed) {
    RELAY_ASSIGN(const EventView plain, binlog::open_compressed_event(event, kMaximumEvent, opened_));
    note_statement(plain);
    return {};
  }
  return binlog::for_each_payload_event(event.body(), kMaximumEvent,
                                        [this](const EventView& inner) -> base::Result<void> {
                                          if (inner.type() == EventType::query) note_statement(inner);
                                          return {};
                                        });
}

void BinlogScan::note_statement(const EventView& event) {
  const auto query = binlog::QueryEvent::parse(event.body());
  if (!query) return touched_.add_everything();
  if (is_transaction_control(query->statement.text())) return;  // nothing is lost by not reading it
  const auto status = binlog::parse_query_status(query->status, state_.format().flavor());
  if (!status) return touched_.add_everything();
  const sql::SqlContext context = context_of(*query, *status, state_.format(), fold_case_);
  const auto statement = sql::read_statement(query->statement.text(), context);
  // It may name any table, not only those of its default database.
  if (!statement || (*statement)->why_unread() != nullptr) return touched_.add_everything();
  switch (sql::create_effect(**statement, context, status->flags3_or_ddl_xid.value_or(0), "")) {
    case sql::CreateEffect::made:
      break;
    case sql::CreateEffect::nothing:
      return;
    case sql::CreateEffect::unknown:
      return touched_.add_perhaps_made((*statement)->tables().front(), sql::created_columns(**statement));
  }
  for (const sql::TableName& table : (*statement)->tables()) touched_.add_table(table);
  if (dynamic_cast<const sql::TriggerStatement*>(statement->get()) != nullptr) touched_.add_trigger();
  const StatementKind kind = (*statement)->kind();
  const std::string database = (*statement)->database();
  // Tables of a database that was created later, or altered, have their own CREATE and ALTER; those of a dropped one
  // are gone.
  if (kind == StatementKind::drop_database) touched_.add_tables_of(database);
  if (kind == StatementKind::create_database || kind == StatementKind::alter_database)
    touched_.add_character_set_of(database);
}

}  // namespace relay::source
