// The beginning of a load: there is no other, and the tables are made.
#include <fmt/format.h>

#include <algorithm>

#include "relay/base/log.h"
#include "relay/seed/replica_loader.h"
#include "relay/seed/replica_statements.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::SourceConnection;

constexpr std::chrono::seconds kGuardEvery{15};
constexpr std::chrono::seconds kGuardAgain{1};
constexpr std::chrono::seconds kGuardTry{5};
constexpr int kTableExists = 1050;
constexpr int kGuardLineLost = 2013;  // CR_SERVER_LOST

// What is noted before a table of schema.sql is made.
std::string table_step(std::size_t number) { return fmt::format("table {}", number); }

}  // namespace

std::string quoted(const sql::TableName& table) {
  return source::quote_name(table.database) + '.' + source::quote_name(table.table);
}

Error about_table(const Error& error, const sql::TableName& table) {
  return Error(error).about(table.database + '.' + table.table);
}

Result<void> run_all(SourceConnection& connection, std::string_view statements) {
  while (!statements.empty()) {
    const std::size_t end = statements.find(";\n");
    RELAY_TRY(connection.query(statements.substr(0, end)));
    statements.remove_prefix(std::min(statements.size(), end + 2));
  }
  return {};
}

Result<void> ReplicaLoader::take_guard(SourceConnection& connection, std::chrono::seconds patience) {
  for (auto waited = std::chrono::seconds(0);; waited += kGuardTry) {
    RELAY_ASSIGN(const auto got, connection.query_value(fmt::format(
                                     "SELECT COALESCE(IS_USED_LOCK('binlog_relay_load') = CONNECTION_ID(), 0) OR "
                                     "GET_LOCK('binlog_relay_load', {})",
                                     kGuardTry.count())));
    if (got == "1") {
      RELAY_ASSIGN(const auto session, connection.query_value("SELECT CONNECTION_ID()"));
      guard_session_ = session.value_or("");
      return {};
    }
    if (waited >= patience) break;
    if (waited.count() == 0) base::log(base::LogLevel::info, "another load is at work at the replica: waiting for it");
    if (lines_.stop_token().stop_requested()) return base::fail(lines_.why_stopped());
  }
  RELAY_ASSIGN(const auto holder, connection.query_value("SELECT IS_USED_LOCK('binlog_relay_load')"));
  // Nobody, or the session of a line that was cut: the replica does not know that yet.
  if (!holder || *holder == guard_session_) {
    return base::fail(Error(ErrorKind::io, "the connection to the replica was lost").code(kGuardLineLost));
  }
  return base::fail(
      Error(ErrorKind::configuration, "another load is at work at the replica").remedy("wait for its end, or end it"));
}

// Also sees that the replica is silent: the others may wait for the end of a statement that takes hours.
void ReplicaLoader::keep_guard() {
  bool had = true;
  while (!keeper_stop_.wait_for(had ? kGuardEvery : kGuardAgain)) {
    const auto held = guard_.run_once(
        [this](SourceConnection& connection) { return take_guard(connection, std::chrono::seconds(0)); });
    if (!held && held.error().kind() == ErrorKind::configuration) {
      lines_.stop(held.error());
      drop_lines();
      return;
    }
    if (!held && had && passes(held.error())) drop_lines();
    had = held.has_value();
  }
}

Result<void> ReplicaLoader::make_table(SourceConnection& connection, const SchemaStatement& statement,
                                       const std::string& step, const std::set<std::string>& steps) {
  if (!steps.contains(step)) {
    RELAY_ASSIGN(const auto there,
                 connection.query_value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                                        source::quote_text(statement.table.database) +
                                        " AND TABLE_NAME = " + source::quote_text(statement.table.table)));
    if (there != "0") {
      return base::fail(Error(ErrorKind::peer, "the replica has a table of this name already").code(kTableExists));
    }
    const auto noted = LoadProgress::note(connection, step);
    if (!noted && !LoadProgress::already_noted(noted.error())) return noted;
  }
  const auto made = connection.query(statement.text);
  if (made) return {};
  if (made.error().system_code() != kTableExists) return base::fail(made.error());
  // Rows come when all tables are made.
  RELAY_ASSIGN(const auto row, connection.query_value("SELECT 1 FROM " + quoted(statement.table) + " LIMIT 1"));
  return row ? base::fail(made.error()) : Result<void>();
}

Result<void> ReplicaLoader::make_tables() {
  wanted_.emplace(kTablesMade);
  if (steps_.contains(std::string(kTablesMade))) return {};
  RELAY_ASSIGN(const std::string text, read_statements_file(settings_.files, settings_.directory, snapshot_.schema));
  RELAY_ASSIGN(const std::vector<SchemaStatement> statements, read_schema_statements(text, snapshot_));
  const Job make = [&](ReplicaLine& line) {
    return line.run([&](SourceConnection& connection) -> Result<void> {
      RELAY_ASSIGN(const auto steps, LoadProgress::steps(connection));
      if (steps.contains(std::string(kTablesMade))) return {};
      RELAY_TRY(run_all(connection, schema_head()));
      for (std::size_t i = 0; i < statements.size(); ++i) {
        if (statements[i].table.table.empty()) {
          RELAY_TRY(connection.query(statements[i].text));
          continue;
        }
        const auto made = make_table(connection, statements[i], table_step(i), steps);
        if (!made) return base::fail(about_table(made.error(), statements[i].table));
      }
      const auto noted = LoadProgress::note(connection, kTablesMade);
      return noted || LoadProgress::already_noted(noted.error()) ? Result<void>() : noted;
    });
  };
  return work_off({make}, ReplicaLine::Statements::quick);
}

}  // namespace relay::seed
