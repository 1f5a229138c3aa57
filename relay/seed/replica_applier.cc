#include "relay/seed/replica_applier.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "relay/base/log.h"
#include "relay/binlog/gtid_set.h"
#include "relay/seed/replica_position.h"
#include "relay/seed/replica_status.h"
#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"
#include "relay/source/grants.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::NamedRow;

constexpr std::uint32_t kReplicaPrivilegeFrom = 80000;  // MySQL: REPLICATION_SLAVE_ADMIN
constexpr std::chrono::milliseconds kLookAgain{100};
constexpr std::chrono::minutes kComesTo{10};

Error does_not_come() {
  return Error(ErrorKind::peer, "the replica does not come to the position of the source's view")
      .remedy("see by `binlog-relay status` whether the relay streams");
}

}  // namespace

ReplicaApplier::~ReplicaApplier() {
  if (!stopped_) return;
  if (const auto started = start(); !started) {
    base::log(base::LogLevel::error,
              "the replica's applier was stopped and could not be started again ({}): run {} there",
              started.error().message(), statement("START"));
  }
}

std::string ReplicaApplier::statement(std::string_view verb, std::string_view until) const {
  return fmt::format("{} {}{}{}", verb, has_replica_words(facts_) ? "REPLICA" : "SLAVE",
                     verb == "START" && until.empty() ? "" : " SQL_THREAD", until);
}

tl::unexpected<Error> ReplicaApplier::explain(const Error& error) {
  if (!is_denied(error)) return base::fail(error);
  const char* const privileges =
      mariadb() ? "SELECT, INSERT, DELETE, TRIGGER, REPLICATION SLAVE ADMIN, REPLICA MONITOR, BINLOG ADMIN"
      : facts_.version_number >= kReplicaPrivilegeFrom
          ? "SELECT, INSERT, DELETE, TRIGGER, REPLICATION CLIENT, REPLICATION_SLAVE_ADMIN, "
            "SYSTEM_VARIABLES_ADMIN"
          : "SELECT, INSERT, DELETE, TRIGGER, REPLICATION CLIENT, SUPER";
  const auto account = connection_.query_value("SELECT CURRENT_USER()");
  return base::fail(Error(ErrorKind::peer, "the replica's account may not do what a repair takes")
                        .about(fmt::format("GRANT {} ON *.* TO {}", privileges,
                                           source::quoted_account(account && *account ? **account : std::string())))
                        .remedy("run that at the replica"));
}

Result<ReplicaApplier::Applied> ReplicaApplier::look() {
  const auto rows = status_rows(connection_, facts_);
  if (!rows) return explain(rows.error());
  if (rows->size() != 1) {
    return base::fail(Error(ErrorKind::peer, "the replica does not follow one server alone")
                          .remedy("repair is for a replica with one channel, that of the relay"));
  }
  Applied applied;
  applied.running = status_column(rows->front(), "Slave_SQL_Running", "Replica_SQL_Running") == "Yes";
  const std::string number = status_column(rows->front(), "Last_SQL_Errno", "Last_SQL_Errno");
  std::from_chars(number.data(), number.data() + number.size(), applied.error);
  applied.place.file = status_column(rows->front(), "Relay_Log_File", "Relay_Log_File");
  const std::string offset = status_column(rows->front(), "Relay_Log_Pos", "Relay_Log_Pos");
  std::from_chars(offset.data(), offset.data() + offset.size(), applied.place.offset);
  applied.received = status_column(rows->front(), "Gtid_IO_Pos", "Gtid_IO_Pos");
  return applied;
}

Result<void> ReplicaApplier::start_mariadb(const ViewPosition& position, const base::StopToken& stop) {
  RELAY_ASSIGN(const auto wanted, binlog::MariadbGtidList::parse_text(position.gtids));
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    RELAY_ASSIGN(const Applied now, look());
    RELAY_ASSIGN(const auto received, binlog::MariadbGtidList::parse_text(now.received));
    if (covers(received, wanted)) break;
    if (std::chrono::steady_clock::now() - begin > kComesTo) return base::fail(does_not_come());
    if (stop.wait_for(kLookAgain)) return base::fail(ErrorKind::interrupted, "stopped");
  }
  RELAY_ASSIGN(const Applied now, look());
  RELAY_ASSIGN(const RelayLogPlace barrier, barrier_at(connection_, now.place, wanted));
  RELAY_TRY(connection_.query(statement("START", fmt::format(" UNTIL RELAY_LOG_FILE = {}, RELAY_LOG_POS = {}",
                                                             source::quote_text(barrier.file), barrier.offset))));
  // It stops when the next event comes, which may not be soon.
  for (;;) {
    RELAY_ASSIGN(const bool there, stands_at(position));
    if (there) break;
    RELAY_ASSIGN(const Applied running, look());
    if (!running.running) return {};
    if (std::chrono::steady_clock::now() - begin > kComesTo) return base::fail(does_not_come());
    if (stop.wait_for(kLookAgain)) return base::fail(ErrorKind::interrupted, "stopped");
  }
  RELAY_TRY(connection_.query(statement("STOP")));
  return {};
}

Result<void> ReplicaApplier::stop() {
  RELAY_TRY(connection_.connect(settings_, source::SourceConnection::Purpose::questions));
  // Whether the account may do the rest.
  const auto unlogged = connection_.query("SET SESSION sql_log_bin = 0");
  if (!unlogged) return explain(unlogged.error());
  RELAY_ASSIGN(const Applied now, look());
  if (!now.running) {
    return base::fail(Error(ErrorKind::peer, "the replica's applier is not running")
                          .remedy("START REPLICA there, when what stopped it is mended"));
  }
  const auto stopped = connection_.query(statement("STOP"));
  if (!stopped) return explain(stopped.error());
  stopped_ = true;
  return {};
}

Result<void> ReplicaApplier::start() {
  // One that runs up to a position would stop there all the same: START does nothing to it.
  const auto restart = [&]() -> Result<void> {
    RELAY_TRY(connection_.query(statement("STOP")));
    RELAY_TRY(connection_.query(statement("START")));
    return {};
  };
  if (const auto started = restart(); !started) {
    RELAY_TRY(connection_.connect(settings_, source::SourceConnection::Purpose::questions));
    RELAY_TRY(restart());
  }
  stopped_ = false;
  return {};
}

Result<bool> ReplicaApplier::run_to(const ViewPosition& position, const base::StopToken& stop) {
  if (mariadb()) {
    RELAY_TRY(start_mariadb(position, stop));
  } else {
    RELAY_TRY(connection_.query(statement("START", " UNTIL SQL_AFTER_GTIDS = " + source::quote_text(position.gtids))));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    if (stop.wait_for(kLookAgain)) return base::fail(ErrorKind::interrupted, "stopped");
    RELAY_ASSIGN(const Applied now, look());
    if (!now.running && now.error != 0) {
      return base::fail(Error(ErrorKind::peer, "the replica's applier stopped by an error")
                            .remedy("SHOW REPLICA STATUS there says which"));
    }
    if (!now.running) break;
    if (std::chrono::steady_clock::now() - begin > kComesTo) {
      return base::fail(does_not_come());
    }
  }
  return stands_at(position);
}

// No transaction of the source is missing or beyond. What the replica wrote itself has another server's id.
Result<bool> ReplicaApplier::stands_at(const ViewPosition& position) {
  if (mariadb()) {
    RELAY_ASSIGN(const auto applied, connection_.query_value("SELECT @@GLOBAL.gtid_slave_pos"));
    RELAY_ASSIGN(const auto list, binlog::MariadbGtidList::parse_text(applied.value_or("")));
    RELAY_ASSIGN(const auto wanted, binlog::MariadbGtidList::parse_text(position.gtids));
    return list.position_text() == wanted.position_text();
  }
  RELAY_ASSIGN(const auto missing,
               connection_.query_value(fmt::format("SELECT GTID_SUBTRACT({}, @@GLOBAL.gtid_executed)",
                                                   source::quote_text(position.gtids))));
  if (!missing || !missing->empty()) return false;
  RELAY_ASSIGN(const auto beyond,
               connection_.query_value(fmt::format("SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, {})",
                                                   source::quote_text(position.gtids))));
  RELAY_ASSIGN(const auto own, connection_.query_value("SELECT @@GLOBAL.server_uuid"));
  RELAY_ASSIGN(const auto own_gtids, binlog::MysqlGtidSet::parse_text(beyond.value_or("")));
  const std::string text = own_gtids.text();
  // One server's alone, or nothing.
  return text.empty() || (own && text.starts_with(*own) && text.find(',') == std::string::npos);
}

}  // namespace relay::seed
