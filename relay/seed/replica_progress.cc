#include "relay/seed/replica_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kReplicaMonitorSince = 100509;  // MariaDB: the privilege for SHOW SLAVE STATUS
constexpr std::chrono::milliseconds kFirstLook{2};
constexpr std::chrono::milliseconds kLastLook{200};
constexpr std::chrono::seconds kLooksAtLag{1};
constexpr std::chrono::seconds kConnects{60};  // a replica tries again each minute, unless told otherwise
constexpr std::chrono::minutes kComesThere{10};
constexpr char kOffset = ':';

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// Files of a log are numbered: a longer name is a later one.
bool is_before(const std::string& file, std::uint64_t offset, const std::string& other, std::uint64_t other_offset) {
  if (file.size() != other.size()) return file.size() < other.size();
  return file != other ? file < other : offset < other_offset;
}

Error never_there() {
  return Error(ErrorKind::peer, "the replica does not come to a position that the source has passed")
      .remedy(
          "see by `binlog-relay status` whether the relay streams, and whether the replica follows it and has all that "
          "was before");
}

Result<ReplicaState> read_state(const NamedRow& row) {
  const std::string reading = status_column(row, "Slave_IO_Running", "Replica_IO_Running");
  if (reading == "No" || status_column(row, "Slave_SQL_Running", "Replica_SQL_Running") != "Yes") {
    return base::fail(Error(ErrorKind::peer, "the replica does not replicate: one of its threads is stopped")
                          .remedy("SHOW REPLICA STATUS there says why; START REPLICA when that is mended"));
  }
  ReplicaState state;
  state.connected = reading == "Yes";
  state.lag = number_of(status_column(row, "Seconds_Behind_Master", "Seconds_Behind_Source"));
  state.file = status_column(row, "Relay_Master_Log_File", "Relay_Source_Log_File");
  state.offset = number_of(status_column(row, "Exec_Master_Log_Pos", "Exec_Source_Log_Pos")).value_or(0);
  return state;
}

}  // namespace

Result<std::string> ReplicaProgress::place(source::SourceConnection& source) const {
  if (!source_.has_gtids()) {
    RELAY_ASSIGN(const source::LogPosition position, source::current_log_position(source, source_));
    return fmt::format("{}{}{}", position.file, kOffset, position.offset);
  }
  const bool mariadb = source_.flavor == binlog::Flavor::mariadb;
  RELAY_ASSIGN(const auto text, source.query_value(mariadb ? "SELECT @@GLOBAL.gtid_binlog_pos"
                                                           : "SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '')"));
  return text.value_or("");
}

Result<ReplicaState> ReplicaProgress::state(source::SourceConnection& replica) const {
  const auto rows = status_rows(replica, replica_);
  if (!rows) return explain(replica, rows.error());
  if (rows->empty()) {
    return base::fail(Error(ErrorKind::peer, "the server of the URL is no replica: it follows nobody")
                          .remedy("give the URL of a server that follows the relay"));
  }
  std::optional<ReplicaState> worst;
  for (const NamedRow& row : *rows) {
    RELAY_ASSIGN(ReplicaState state, read_state(row));
    const bool worse = !worst || !state.connected || (worst->connected && state.lag.value_or(0) > worst->lag);
    if (worse) worst = std::move(state);
  }
  return *worst;
}

tl::unexpected<Error> ReplicaProgress::explain(source::SourceConnection& replica, const Error& error) const {
  if (!is_denied(error)) return base::fail(error);
  const bool monitor = replica_.flavor == binlog::Flavor::mariadb && replica_.version_number >= kReplicaMonitorSince;
  const auto account = replica.query_value("SELECT CURRENT_USER()");
  return base::fail(Error(ErrorKind::peer, "the replica's account may not see how far replication is")
                        .about(fmt::format("GRANT {} ON *.* TO {}", monitor ? "REPLICA MONITOR" : "REPLICATION CLIENT",
                                           source::quoted_account(account && *account ? **account : std::string())))
                        .remedy("run that at the replica"));
}

Result<bool> ReplicaProgress::has_applied(source::SourceConnection& replica, const std::string& place) const {
  if (!source_.has_gtids()) return has_applied_offset(replica, place);
  const std::string quoted = source::quote_text(place);
  const bool mariadb = source_.flavor == binlog::Flavor::mariadb;
  RELAY_ASSIGN(const auto applied,
               replica.query_value(mariadb ? fmt::format("SELECT MASTER_GTID_WAIT({}, 0) = 0", quoted)
                                           : fmt::format("SELECT GTID_SUBSET({}, @@GLOBAL.gtid_executed)", quoted)));
  return applied == "1";
}

// The spool's offsets are its own: the relay says where it has come to on both sides.
Result<bool> ReplicaProgress::has_applied_offset(source::SourceConnection& replica, const std::string& place) const {
  const std::size_t colon = place.rfind(kOffset);
  RELAY_ASSIGN(const RelayPlace relay, ask_relay_());
  const std::uint64_t offset = number_of(place.substr(colon + 1)).value_or(0);
  const Clock::time_point begin = Clock::now();
  if (is_before(relay.source_file, relay.source_offset, place.substr(0, colon), offset)) return false;
  for (;;) {
    RELAY_ASSIGN(const ReplicaState state, this->state(replica));
    if (!is_before(state.file, state.offset, relay.spool_file, relay.spool_offset)) return true;
    if (Clock::now() - begin > kComesThere) return base::fail(never_there());
    if (stop_.wait_for(kLastLook)) return base::fail(ErrorKind::interrupted, "stopped");
  }
}

Result<void> ReplicaProgress::wait_for(source::SourceConnection& replica, const std::string& place,
                                       const std::function<Result<void>()>& meanwhile) const {
  const Clock::time_point begin = Clock::now();
  Clock::time_point asked = begin;
  for (auto pause = kFirstLook;; pause = std::min(2 * pause, kLastLook)) {
    RELAY_ASSIGN(const bool applied, has_applied(replica, place));
    if (applied) return {};
    RELAY_TRY(meanwhile());
    if (Clock::now() - asked > kLooksAtLag) {
      asked = Clock::now();
      RELAY_TRY(state(replica));
    }
    if (Clock::now() - begin > kComesThere) {
      return base::fail(never_there());
    }
    if (stop_.wait_for(pause)) return base::fail(ErrorKind::interrupted, "stopped");
  }
}

Result<void> ReplicaProgress::keep_up(source::SourceConnection& replica, std::chrono::seconds most) const {
  const Clock::time_point begin = Clock::now();
  for (;;) {
    RELAY_ASSIGN(const ReplicaState now, state(replica));
    if (now.lag && *now.lag <= static_cast<std::uint64_t>(most.count())) return {};
    if (!now.connected && Clock::now() - begin > kConnects) {
      return base::fail(Error(ErrorKind::peer, "the replica has no connection to the relay")
                            .remedy("see by `binlog-relay status` whether the relay and its tunnels are up"));
    }
    if (Clock::now() - begin > kComesThere) {
      return base::fail(Error(ErrorKind::peer, "the replica stays too far behind")
                            .remedy("try again when it has caught up, or give a larger --max-lag"));
    }
    if (stop_.wait_for(kLooksAtLag)) return base::fail(ErrorKind::interrupted, "stopped");
  }
}

}  // namespace relay::seed
