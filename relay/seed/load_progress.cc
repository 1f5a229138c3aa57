#include "relay/seed/load_progress.h"

#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::Result;
using source::SourceConnection;

constexpr int kDuplicateKey = 1062;
constexpr std::string_view kSnapshot = "snapshot";  // its row has the manifest's digest in `note`
constexpr const char* kTable = "`binlog_relay_seed`.`loaded`";

std::string where(std::string_view step) {
  return std::string(" FROM ") + kTable + " WHERE step = " + source::quote_text(step);
}

}  // namespace

Result<LoadProgress::State> LoadProgress::find(SourceConnection& connection, const std::string& snapshot) {
  RELAY_ASSIGN(const auto there,
               connection.query_value("SELECT COUNT(*) FROM information_schema.TABLES WHERE "
                                      "TABLE_SCHEMA = 'binlog_relay_seed' AND TABLE_NAME = 'loaded'"));
  if (there == "0") return State::none;
  RELAY_ASSIGN(const auto digest, connection.query_value("SELECT note" + where(kSnapshot)));
  if (!digest) return State::none;
  return *digest == snapshot ? State::begun : State::other;
}

Result<void> LoadProgress::begin(SourceConnection& connection, const std::string& snapshot) {
  RELAY_TRY(connection.query(std::string("CREATE DATABASE IF NOT EXISTS ") + kProgressDatabase));
  RELAY_TRY(connection.query(std::string("CREATE TABLE IF NOT EXISTS ") + kTable +
                             " (step VARCHAR(255) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL PRIMARY KEY, note "
                             "CHAR(64) CHARACTER SET latin1 NOT NULL) ENGINE=InnoDB"));
  RELAY_TRY(connection.query(std::string("INSERT INTO ") + kTable + " VALUES (" + source::quote_text(kSnapshot) + ", " +
                             source::quote_text(snapshot) + ")"));
  return {};
}

Result<std::set<std::string>> LoadProgress::steps(SourceConnection& connection) {
  RELAY_ASSIGN(const source::Rows rows, connection.query(std::string("SELECT step FROM ") + kTable));
  std::set<std::string> steps;
  for (const source::Row& row : rows) {
    if (!row.empty() && row[0]) steps.insert(*row[0]);
  }
  return steps;
}

Result<std::set<std::string>> LoadProgress::durable_steps(SourceConnection& connection) {
  RELAY_TRY(connection.query("CREATE TABLE IF NOT EXISTS `binlog_relay_seed`.`flushed` (id INT) ENGINE=InnoDB"));
  RELAY_TRY(connection.query("DROP TABLE `binlog_relay_seed`.`flushed`"));
  return steps(connection);
}

Result<void> LoadProgress::note(SourceConnection& connection, std::string_view step) {
  RELAY_TRY(connection.query(std::string("INSERT INTO ") + kTable + " VALUES (" + source::quote_text(step) + ", '')"));
  return {};
}

bool LoadProgress::already_noted(const base::Error& error) { return error.system_code() == kDuplicateKey; }

Result<void> LoadProgress::end(SourceConnection& connection) {
  RELAY_TRY(connection.query(std::string("DROP DATABASE IF EXISTS ") + kProgressDatabase));
  return {};
}

}  // namespace relay::seed
