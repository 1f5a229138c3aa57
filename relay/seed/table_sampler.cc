#include "relay/seed/table_sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using source::Row;
using source::Rows;
using sql::ColumnDefinition;
using sql::TableDefinition;

constexpr std::uint32_t kMysqlLimitsSince = 50708;     // max_execution_time
constexpr std::uint32_t kMariadbLimitsSince = 100101;  // max_statement_time
constexpr std::chrono::seconds kGrace{5};              // for a server that ends statements by itself

// Numbers of mysqld_error.h, MariaDB's mysqld_error.h and errmsg.h.
constexpr int kAccessDenied[] = {1044, 1142, 1143, 1227, 1370};  // database, table, column, privilege, routine
constexpr int kOutOfTime[] = {1205, 1317, 1969, 3024};  // lock wait, interrupted, statement time of either server
constexpr int kGone[] = {1049, 1051, 1146};
constexpr int kLastClientError = 2999;

template <std::size_t Count>
bool is_one_of(int code, const int (&codes)[Count]) {
  return std::ranges::find(codes, code) != std::end(codes);
}

std::string ordering(const TableDefinition& table, bool from_the_end) {
  std::string text;
  for (const std::size_t column : ordering_columns(table)) {
    text += fmt::format("{}{}{}", text.empty() ? " ORDER BY " : ", ", source::quote_name(table.columns[column].name),
                        from_the_end ? " DESC" : "");
  }
  return text;
}

}  // namespace

bool is_sampled(const ColumnDefinition& column) {
  return is_text(column) || is_number(column) || column.type.ends_with("binary") || column.type.ends_with("blob") ||
         column.type == "json" || column.type.starts_with("inet");
}

std::vector<std::size_t> ordering_columns(const TableDefinition& table) {
  const auto primary = std::ranges::find(table.indexes, sql::IndexKind::primary, &sql::IndexDefinition::kind);
  if (table.engine != "innodb" || primary == table.indexes.end()) return {};
  std::vector<std::size_t> columns;
  for (const sql::IndexPart& part : primary->parts) {
    const auto column = table.find(part.column);
    if (!column || part.prefix) return {};  // an index on the beginnings of values does not order them
    columns.push_back(*column);
  }
  return columns;
}

std::string sample_statement(const TableDefinition& table, const std::vector<std::size_t>& columns, bool from_the_end,
                             std::size_t rows) {
  std::string text;
  for (const std::size_t column : columns) {
    text += fmt::format("{}CONVERT(LEFT({}, {}) USING utf8mb4)", text.empty() ? "SELECT " : ", ",
                        source::quote_name(table.columns[column].name), kSampledCharacters);
  }
  return text + fmt::format(" FROM {}.{}{} LIMIT {}", source::quote_name(table.database),
                            source::quote_name(table.table), ordering(table, from_the_end), rows);
}

bool TableSampler::limits_statements() const {
  return facts_.version_number >= (facts_.flavor == binlog::Flavor::mariadb ? kMariadbLimitsSince : kMysqlLimitsSince);
}

base::Result<void> TableSampler::connect() {
  const std::string seconds = std::to_string(limits_.time.count());
  // A server without limits is left alone when the time is over, and its statement ended over another connection.
  settings_.query_timeout = limits_statements() ? limits_.time + kGrace : limits_.time;
  RELAY_TRY(connection_.connect(settings_, source::SourceConnection::Purpose::questions));
  RELAY_ASSIGN(const auto id, connection_.query_value("SELECT CONNECTION_ID()"));
  connection_id_ = id.value_or("");
  // Where it is off for everybody, one transaction would hold every table until the end.
  RELAY_TRY(connection_.query("SET SESSION autocommit = 1"));
  RELAY_TRY(connection_.query("SET SESSION TRANSACTION READ ONLY"));
  RELAY_TRY(connection_.query("SET SESSION lock_wait_timeout = " + seconds));
  if (!limits_statements()) return {};
  RELAY_TRY(connection_.query(facts_.flavor == binlog::Flavor::mariadb
                                  ? "SET SESSION max_statement_time = " + seconds
                                  : "SET SESSION max_execution_time = " + seconds + "000"));
  return {};
}

base::Result<void> TableSampler::sample(TableDraft& table) {
  if (limits_.rows == 0 || table.unreadable) return {};
  if (sql::shows_rows_of_others(table.definition.engine)) {
    table.end = SampleEnd::other_rows;
    return {};
  }
  std::vector<std::size_t> sampled;
  for (std::size_t i = 0; i < table.definition.columns.size(); ++i) {
    if (is_sampled(table.definition.columns[i])) sampled.push_back(i);
  }
  if (sampled.empty()) return {};
  table.end = SampleEnd::complete;
  const Clock::time_point until = Clock::now() + limits_.time;
  const std::size_t together = std::max<std::size_t>(1, kCellsInAnswer / limits_.rows);
  for (std::size_t begin = 0; begin < sampled.size(); begin += together) {
    const std::size_t end = std::min(begin + together, sampled.size());
    const std::vector<std::size_t> columns(sampled.begin() + static_cast<std::ptrdiff_t>(begin),
                                           sampled.begin() + static_cast<std::ptrdiff_t>(end));
    RELAY_ASSIGN(const bool go_on, sample_columns(table, columns, until));
    if (!go_on) return {};
  }
  if (table.rows == 0) table.end = SampleEnd::no_rows;
  return {};
}

base::Result<bool> TableSampler::sample_columns(TableDraft& table, const std::vector<std::size_t>& columns,
                                                Clock::time_point until) {
  // The key comes with the values, to see where both halves meet.
  const std::vector<std::size_t> key = ordering_columns(table.definition);
  std::vector<std::size_t> asked = key;
  asked.insert(asked.end(), columns.begin(), columns.end());
  std::size_t rows = 0;
  const auto count = [&](const Row& row) {
    ++rows;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& value = row[key.size() + i];
      const ColumnDefinition& definition = table.definition.columns[columns[i]];
      if (value) table.columns[columns[i]].tally.add(*value, is_number(definition));
    }
  };
  const std::size_t half = key.empty() ? limits_.rows : (limits_.rows + 1) / 2;
  RELAY_ASSIGN(const auto first, ask(table, sample_statement(table.definition, asked, false, half), until));
  if (!first) return false;
  for (const Row& row : *first) count(row);
  if (!key.empty() && first->size() == half && limits_.rows > half) {
    const Row& last = first->back();
    const auto key_size = static_cast<std::ptrdiff_t>(key.size());
    RELAY_ASSIGN(const auto second,
                 ask(table, sample_statement(table.definition, asked, true, limits_.rows - half), until));
    if (!second) return false;
    for (const Row& row : *second) {
      if (std::equal(row.begin(), row.begin() + key_size, last.begin())) break;
      count(row);
    }
  }
  table.rows = std::max(table.rows, rows);
  return true;
}

base::Result<std::optional<Rows>> TableSampler::ask(TableDraft& table, const std::string& statement,
                                                    Clock::time_point until) {
  if (Clock::now() >= until) {
    table.end = SampleEnd::time_limit;
    return std::optional<Rows>();
  }
  const Clock::time_point begin = Clock::now();
  base::Result<Rows> rows = connection_.query(statement);
  if (rows) return std::optional<Rows>(std::move(*rows));
  RELAY_TRY(end_statement(table, rows.error(), Clock::now() - begin));
  return std::optional<Rows>();
}

base::Result<void> TableSampler::end_statement(TableDraft& table, const base::Error& error, Clock::duration taken) {
  const int code = error.system_code();
  table.code = code;
  table.end = is_one_of(code, kAccessDenied) ? SampleEnd::no_privilege
              : is_one_of(code, kOutOfTime)  ? SampleEnd::time_limit
              : is_one_of(code, kGone)       ? SampleEnd::no_rows
                                             : SampleEnd::failed;
  if (code < base::kFirstClientError || code > kLastClientError) return {};
  // Where nothing came for as long as a statement may take, it may still run there: it is ended.
  constexpr std::chrono::seconds kClockStep{1};
  const bool may_still_run = taken + kClockStep >= limits_.time;
  const std::string lost = connection_id_;
  RELAY_TRY(connect());
  if (!may_still_run) return {};
  table.end = SampleEnd::time_limit;
  if (!lost.empty()) static_cast<void>(connection_.query("KILL " + lost));
  return {};
}

}  // namespace relay::seed
