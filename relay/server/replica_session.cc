#include "relay/server/replica_session.h"

#include <charconv>

#include "relay/base/log.h"
#include "relay/server/dump_sender.h"
#include "relay/server/registration_queries.h"

namespace relay::server {

namespace {

using base::LogLevel;

std::uint64_t to_number(const std::optional<std::string>& text) {
  std::uint64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

ReplicaSession::ReplicaSession(std::unique_ptr<tunnel::ByteStream> stream, std::uint32_t connection_id,
                               const SessionTools& tools, base::StopToken& stop)
    : channel_(std::move(stream), tools.login.settings.write_patience), tools_(tools), stop_(stop) {
  state_.connection_id = connection_id;
  kill_ = [this](std::uint32_t id) { return tools_.kill(id, state_.user); };
}

void ReplicaSession::run() {
  if (auto served = serve(); !served && served.error().kind() != base::ErrorKind::interrupted) {
    base::log(LogLevel::info, "connection {} from {} ended: {}", state_.connection_id, channel_.peer(),
              served.error().message());
  }
  channel_.shutdown();
}

// At the first start replicas may come before the first byte: they get a moment's patience instead of an error.
void ReplicaSession::wait_for_first_file() const {
  constexpr std::chrono::milliseconds kStep(200);
  const auto deadline = std::chrono::steady_clock::now() + tools_.login.settings.first_file_patience;
  while (tools_.spool.tail.get().file == 0 && !stop_.stop_requested() && std::chrono::steady_clock::now() < deadline) {
    static_cast<void>(tools_.spool.tail.wait_beyond({}, kStep));
  }
}

base::Result<void> ReplicaSession::serve() {
  wait_for_first_file();
  auto facts = read_source_facts(tools_.spool);
  if (!facts) {
    base::log(LogLevel::error, "cannot read the spool for a client: {}", facts.error().message());
    return channel_.send_error(wire::kErrorTooManyConnections, "", "the relay cannot read its spool; its log says why");
  }
  if (!*facts)
    return channel_.send_error(wire::kErrorTooManyConnections, "", "the relay has spooled nothing yet; try again");
  facts_ = std::move(**facts);
  if (!facts_.mariadb() && !facts_.gtid_mode && tools_.login.settings.source_gtid_mode) {
    facts_.gtid_mode = tools_.login.settings.source_gtid_mode();
  }
  RELAY_ASSIGN(const auto response, log_in(channel_, tools_.login, facts_, state_.connection_id, stop_));
  if (!response) return {};
  state_.user = response->user;
  state_.kind = client_kind_of(*response);
  tools_.logged_in(state_.connection_id, state_.user);
  channel_.set_logged_in();
  for (;;) {
    RELAY_ASSIGN(const auto packet, channel_.read(tunnel::deadline_after(tools_.login.settings.idle_time)));
    if (!packet) return {};
    RELAY_ASSIGN(const bool goes_on, answer(*packet));
    if (!goes_on) return {};
  }
}

base::Result<bool> ReplicaSession::answer(base::ByteView packet) {
  RELAY_ASSIGN(const wire::Command command, wire::parse_command(packet));
  if (std::holds_alternative<wire::QuitCommand>(command)) return false;
  if (const auto* dump_command = std::get_if<wire::BinlogDumpCommand>(&command)) return dump(*dump_command);
  if (const auto* dump_command = std::get_if<wire::BinlogDumpGtidCommand>(&command)) return dump(*dump_command);
  if (const auto* query = std::get_if<wire::QueryCommand>(&command)) {
    RELAY_TRY(answer_query(query->text));
  } else if (const auto* registration = std::get_if<wire::RegisterReplicaCommand>(&command)) {
    state_.registered_server_id = registration->server_id;
    RELAY_TRY(channel_.send_ok());
  } else if (std::holds_alternative<wire::PingCommand>(command)) {
    RELAY_TRY(channel_.send_ok());
  } else if (std::holds_alternative<wire::StatisticsCommand>(command)) {
    RELAY_TRY(channel_.send(base::ByteView::of("binlog-relay")));
  } else {
    RELAY_TRY(channel_.send_error(wire::kErrorUnknownCommand, "08S01",
                                  "this is a binlog relay: it does not know this command"));
  }
  return true;
}

base::Result<void> ReplicaSession::answer_query(base::ByteView statement) {
  const AnswerContext context{tools_.login.settings, tools_.spool, facts_, state_, kill_};
  const QueryAnswer answer = server::answer_query(statement, context);
  if (state_.refusal) {
    base::log(LogLevel::error, "refused the replica at {}: {}", channel_.peer(), *state_.refusal);
    state_.refusal.reset();
  }
  if (const auto* error = std::get_if<ErrorAnswer>(&answer)) {
    return channel_.send_error(error->code, error->sql_state, error->message);
  }
  if (const auto* result = std::get_if<wire::TextResult>(&answer)) return channel_.send_result(*result);
  return channel_.send_ok();
}

void ReplicaSession::fill_from_variables(DumpRequest& request, std::uint16_t flags) const {
  const UserVariables& variables = state_.variables;
  request.to_mariadb = state_.kind.is(binlog::Flavor::mariadb);
  request.checksums = variables.get("source_binlog_checksum", "master_binlog_checksum") == "CRC32";
  request.heartbeats_v2 = (flags & wire::kDumpHeartbeatV2) != 0;
  request.non_blocking = (flags & wire::kDumpNonBlocking) != 0;
  const std::uint64_t period = to_number(variables.get("source_heartbeat_period", "master_heartbeat_period"));
  // Bounded both ways: no flood, and no overflow of the clock's arithmetic.
  constexpr std::uint64_t kShortest = 1'000'000;
  constexpr std::uint64_t kLongest = 4'294'967ULL * 1'000'000'000;  // what servers allow, in nanoseconds
  if (period != 0) request.heartbeat_period = std::chrono::nanoseconds(std::clamp(period, kShortest, kLongest));
  request.strict_mode = to_number(variables.get("slave_gtid_strict_mode")) != 0;
  request.ignore_duplicates = to_number(variables.get("slave_gtid_ignore_duplicates")) != 0;
}

base::Result<bool> ReplicaSession::dump(const wire::BinlogDumpCommand& command) {
  DumpRequest request;
  request.file = command.file.text().substr(0, command.file.text().find('\0'));
  request.position = command.position;
  // A MariaDB replica that uses GTIDs names them in a variable; the packet's file and position mean nothing then.
  if (const auto state = state_.variables.get("slave_connect_state");
      state && state_.kind.is(binlog::Flavor::mariadb)) {
    auto gtids = binlog::MariadbGtidList::parse_text(*state);
    if (!gtids) {
      RELAY_TRY(channel_.send_error(
          wire::kErrorFatalReadingBinlog, "HY000",
          "Out of memory or malformed slave request when obtaining start position from GTID state"));
      return false;
    }
    request.start = DumpRequest::Start::mariadb_gtids;
    request.mariadb_gtids = std::move(*gtids);
  }
  return send(std::move(request), command.flags, command.server_id);
}

base::Result<bool> ReplicaSession::dump(const wire::BinlogDumpGtidCommand& command) {
  DumpRequest request;
  request.start = DumpRequest::Start::mysql_gtids;
  auto gtids = binlog::MysqlGtidSet::parse_binary(command.gtid_set);
  if (!gtids) {
    RELAY_TRY(channel_.send_error(wire::kErrorFatalReadingBinlog, "HY000", "the replica's GTID set cannot be read"));
    return false;
  }
  request.mysql_gtids = std::move(*gtids);
  return send(std::move(request), command.flags, command.server_id);
}

base::Result<bool> ReplicaSession::send(DumpRequest request, std::uint16_t flags, std::uint32_t server_id) {
  fill_from_variables(request, flags);
  ReplicaStatus status;
  status.connection_id = state_.connection_id;
  // Only replicas register; mysqlbinlog and mariadb-binlog read any stream and are not remembered.
  const bool is_replica = state_.registered_server_id.has_value();
  if (is_replica) {
    status.server_id = server_id;
    status.uuid = base::Subject(state_.variables.get("replica_uuid", "slave_uuid").value_or("")).text().substr(0, 36);
    if (const auto reason = refusal_of(state_.kind, facts_)) {
      base::log(LogLevel::error, "refused the replica at {}: {}", channel_.peer(), *reason);
      RELAY_TRY(channel_.send_error(wire::kErrorFatalReadingBinlog, "HY000", *reason));
      return false;
    }
  }
  status.address = channel_.peer();
  status.user = base::Subject(state_.user).text();
  status.kind = state_.kind.name();
  base::log(LogLevel::info, "connection {} from {}: {} (server id {}) reads the stream", state_.connection_id,
            status.address, status.kind, server_id);
  const ServerSettings& settings = tools_.login.settings;
  if (const auto told = settings.dump_begins ? settings.dump_begins(status) : base::Result<void>(); !told) {
    base::log(LogLevel::error, "cannot serve the client at {} now: {}", channel_.peer(), told.error().message());
    RELAY_TRY(
        channel_.send_error(wire::kErrorUnknown, "HY000", "the relay cannot write its audit record; its log says why"));
    return false;
  }
  const std::uint64_t handle = tools_.registry.enter(std::move(status), [this] { stop_.request_stop(); });
  DumpSender sender(channel_, tools_.spool, facts_, tools_.login.settings.server_id, stop_,
                    [&](const spool::SpoolPosition& position, const spool::GtidState& gtids) {
                      tools_.registry.update(handle, position, gtids);
                    });
  const DumpEnd end = sender.run(std::move(request));
  const ReplicaStatus left = tools_.registry.leave(handle);
  if (settings.dump_ended) settings.dump_ended(left);
  if (end.refusal)
    base::log(LogLevel::error, "connection {} from {} was refused: {}", state_.connection_id, channel_.peer(),
              end.refusal->message);
  if (end.error) return base::fail(*end.error);
  return false;
}

}  // namespace relay::server
