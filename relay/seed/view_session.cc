#include "relay/seed/view_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "relay/base/stop_token.h"
#include "relay/seed/status_counts.h"
#include "relay/source/dump_command.h"
#include "relay/source/grants.h"

namespace relay::seed {

namespace {

constexpr std::uint32_t kExecutionTimeSince = 50708;  // max_execution_time
constexpr std::uint32_t kHiddenKeysSince = 80030;     // sql_generate_invisible_primary_key
constexpr std::uint32_t kPrepareLoggedSince = 50707;  // MySQL: XA PREPARE in the binary log
constexpr int kLockWaitTimeout = 1205;                // ER_LOCK_WAIT_TIMEOUT
constexpr int kQueryInterrupted = 1317;               // ER_QUERY_INTERRUPTED: by KILL QUERY
constexpr int kXaRefused = 1401;                      // ER_XAER_RMERR: XA RECOVER without XA_RECOVER_ADMIN
constexpr int kLongStatement = 2;                     // seconds
// Access denied: to the server as a whole, to a database, table or column, for want of a privilege, to a routine.
constexpr auto kDenials = std::to_array<int>({1044, 1045, 1142, 1143, 1227, 1370});

// Seconds: how long the server waits for this program to take rows, and to ask again while others read.
constexpr const char* kPatience = "SET SESSION net_write_timeout = 3600, wait_timeout = 86400, lock_wait_timeout = 60";

struct XaCounts {
  std::uint64_t prepared = 0;
  std::uint64_t ended = 0;
};

base::Result<XaCounts> count_xa(source::SourceConnection& connection) {
  constexpr auto kNames = std::to_array<std::string_view>({"Com_xa_prepare", "Com_xa_commit", "Com_xa_rollback"});
  RELAY_ASSIGN(StatusCounts counts, read_status_counts(connection, kNames));
  return XaCounts{counts["Com_xa_prepare"], counts["Com_xa_commit"] + counts["Com_xa_rollback"]};
}

}  // namespace

bool is_denied(const base::Error& error) {
  return error.kind() == base::ErrorKind::peer && std::ranges::find(kDenials, error.system_code()) != kDenials.end();
}

base::Result<bool> set_reader_session(source::SourceConnection& connection, const source::SourceFacts& facts) {
  RELAY_TRY(connection.query("SET SESSION autocommit = 1, sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"));
  RELAY_TRY(connection.query("SET SESSION character_set_results = NULL"));
  RELAY_TRY(connection.query(kPatience));
  RELAY_TRY(connection.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
  const std::uint32_t version = facts.version_number;
  if (facts.flavor == binlog::Flavor::mysql) {
    if (version >= kExecutionTimeSince) RELAY_TRY(connection.query("SET SESSION max_execution_time = 0"));
    if (version >= kHiddenKeysSince) {
      RELAY_TRY(connection.query("SET SESSION show_gipk_in_create_table_and_information_schema = ON"));
    }
    return true;
  }
  RELAY_TRY(connection.query("SET SESSION max_statement_time = 0"));
  RELAY_TRY(connection.query("SET SESSION idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0"));
  // A savepoint is something for the binary log there, and what has that in its transaction keeps its locks.
  const auto set = connection.query("SET SESSION sql_log_bin = 0");
  if (!set && !is_denied(set.error())) return base::fail(set.error());
  return set.has_value();
}

base::Result<void> begin_view(source::SourceConnection& connection) {
  RELAY_TRY(connection.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  return {};
}

base::Result<Asked> ask(source::SourceConnection& connection, std::string_view statement) {
  const auto answer = connection.query(statement);
  if (answer) return Asked::had;
  const base::Error& error = answer.error();
  if (is_denied(error)) return Asked::denied;
  const int code = error.system_code();
  if (code == kLockWaitTimeout || code == kQueryInterrupted) return Asked::busy;
  return base::fail(error);
}

std::string lock_statement(const SnapshotSchema& schema) {
  std::string statement;
  for (const SnapshotTable& table : schema.tables) {
    statement += fmt::format("{}{}.{} READ", statement.empty() ? "LOCK TABLES " : ", ",
                             source::quote_name(table.definition.database), source::quote_name(table.definition.table));
  }
  return statement.empty() ? "UNLOCK TABLES" : statement;
}

base::Result<void> during(source::SourceConnection& connection, std::chrono::milliseconds every,
                          std::string_view statement, const std::function<base::Result<void>()>& work) {
  base::StopToken done;
  std::thread other([&] {
    // A connection that is gone shows in what it is used for next.
    while (!done.wait_for(every)) static_cast<void>(connection.query(statement));
  });
  base::Result<void> worked = work();
  done.request_stop();
  other.join();
  return worked;
}

base::Result<bool> long_statement_runs(source::SourceConnection& connection) {
  RELAY_ASSIGN(const auto runs, connection.query_value(fmt::format(
                                    "SELECT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND IN "
                                    "('Query', 'Execute') AND TIME >= {} AND ID <> CONNECTION_ID())",
                                    kLongStatement)));
  return runs == "1";
}

base::Result<bool> sees_all_statements(source::SourceConnection& connection) {
  // Asks for PROCESS, by whichever grant or role.
  const auto seen = connection.query("SELECT 1 FROM information_schema.INNODB_TRX LIMIT 1");
  if (!seen && !is_denied(seen.error())) return base::fail(seen.error());
  return seen.has_value();
}

base::Result<PreparedTransactions> PreparedTransactions::begin(source::SourceConnection& connection,
                                                               const source::SourceFacts& facts) {
  PreparedTransactions made;
  made.logged_ = facts.flavor == binlog::Flavor::mariadb || facts.version_number >= kPrepareLoggedSince;
  if (!made.logged_) return made;
  RELAY_ASSIGN(const XaCounts counts, count_xa(connection));
  made.ended_ = counts.ended;
  const auto listed = connection.query("XA RECOVER");
  made.visible_ = listed.has_value();
  if (made.visible_) return made;
  if (!is_denied(listed.error()) && listed.error().system_code() != kXaRefused) return base::fail(listed.error());
  if (counts.prepared == 0) return made;
  RELAY_ASSIGN(const auto account, connection.query_value("SELECT CURRENT_USER()"));
  return base::fail(base::Error(base::ErrorKind::peer,
                                "the source has XA transactions, and the account may not see which are prepared")
                        .about("GRANT XA_RECOVER_ADMIN ON *.* TO " + source::quoted_account(account.value_or("")))
                        .remedy("run that at the source: one that is prepared is missing from a snapshot"));
}

base::Result<bool> PreparedTransactions::none(source::SourceConnection& connection) const {
  if (!logged_) return true;
  if (visible_) {
    RELAY_ASSIGN(const source::Rows open, connection.query("XA RECOVER"));
    if (!open.empty()) return false;
  }
  RELAY_ASSIGN(const XaCounts counts, count_xa(connection));
  return visible_ ? counts.ended == ended_ : counts.prepared == 0;
}

}  // namespace relay::seed
