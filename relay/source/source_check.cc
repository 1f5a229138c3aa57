#include "relay/source/source_check.h"

#include <fmt/format.h>

#include <charconv>

namespace relay::source {

namespace {

using base::ErrorKind;
using base::Problem;
using binlog::Flavor;

constexpr std::uint32_t kOldestMysql = 50600;
constexpr std::uint32_t kOldestMariadb = 100200;
constexpr std::uint32_t kShowReplicasSince = 80022;
constexpr std::uint64_t kShortestExpiry =
    86'400;  // seconds: a relay that is away for a day should find its place again

class Judge {
 public:
  void error(std::string setting, std::string what, std::string remedy) {
    add(Problem::Severity::error, std::move(setting), std::move(what), std::move(remedy));
  }
  void warning(std::string setting, std::string what, std::string remedy) {
    add(Problem::Severity::warning, std::move(setting), std::move(what), std::move(remedy));
  }
  void note(std::string text) { check.notes.push_back(std::move(text)); }

  SourceCheck check;

 private:
  void add(Problem::Severity severity, std::string setting, std::string what, std::string remedy) {
    check.problems.push_back({severity, "", 0, "source, " + setting, std::move(what), std::move(remedy)});
  }
};

void judge_version(const SourceFacts& facts, Judge& judge) {
  const bool mariadb = facts.flavor == Flavor::mariadb;
  if (facts.version_number >= (mariadb ? kOldestMariadb : kOldestMysql)) return;
  judge.error("version", fmt::format("{} is too old", base::Subject(facts.version).text()),
              "MySQL 5.6 and MariaDB 10.2 are the oldest that the relay reads");
}

void judge_server_id(const SourceFacts& facts, std::uint32_t own_server_id, Judge& judge) {
  if (facts.server_id == 0) {
    judge.error("server_id", "is 0, so the source serves no replica",
                "set server_id at the source to a number of its own");
  } else if (facts.server_id == own_server_id) {
    judge.error("server_id", "is the relay's own",
                "set source.server_id to a number that no other server of the topology has");
  }
}

void judge_format(const SourceFacts& facts, Judge& judge) {
  if (!facts.log_bin) {
    judge.error("log_bin", "is off: there is nothing to follow", "start the source with log_bin");
    return;
  }
  if (facts.binlog_format != "ROW") {
    judge.error("binlog_format",
                fmt::format("is {}: statements carry values that no rule reaches", facts.binlog_format),
                "SET GLOBAL binlog_format = ROW, the same in the source's configuration, and let sessions reconnect");
  }
  if (facts.binlog_row_image == "MINIMAL" || facts.binlog_row_image == "NOBLOB") {
    judge.warning(
        "binlog_row_image",
        fmt::format("is {}: rows come without some columns, and a rule that takes part of a key away stops the stream",
                    facts.binlog_row_image),
        "SET GLOBAL binlog_row_image = FULL, unless no rule touches a key");
  }
  if (facts.expire_seconds.value_or(0) != 0 && *facts.expire_seconds < kShortestExpiry) {
    judge.warning("binlog_expire_logs_seconds",
                  fmt::format("is {}: files go before a relay that was away is back", *facts.expire_seconds),
                  "keep the binary log for a day or longer");
  }
}

void judge_gtid_mode(const SourceFacts& facts, Judge& judge) {
  if (facts.gtid_mode != "OFF_PERMISSIVE" && facts.gtid_mode != "ON_PERMISSIVE") return;
  judge.warning("gtid_mode",
                fmt::format("is {}: transactions come with and without GTIDs, and replicas cannot follow by GTID",
                            facts.gtid_mode),
                "finish the change to ON or OFF");
}

void take_notes(const SourceFacts& facts, Judge& judge) {
  if (facts.binlog_row_metadata.empty() || facts.binlog_row_metadata == "MINIMAL" ||
      facts.binlog_row_metadata == "NO_LOG") {
    judge.note("the binary log has no column names: they come from the relay's own schema history");
  }
  if (facts.binlog_row_value_options.find("PARTIAL_JSON") != std::string::npos) {
    judge.note(
        "binlog_row_value_options is PARTIAL_JSON: updates of JSON columns come as differences, which the relay reads");
  }
  if (facts.binlog_transaction_compression == "ON" || facts.log_bin_compress == "ON") {
    judge.note("the binary log is compressed: the relay opens it and sends it on uncompressed");
  }
  if (facts.binlog_checksum == "NONE")
    judge.note("binlog_checksum is NONE: damage between source and relay is not noticed");
}

void judge_filters(const LogPosition& position, Judge& judge) {
  if (!position.do_databases.empty()) {
    judge.warning("binlog_do_db", "is set: changes made outside these databases never reach a replica",
                  "remove it if they should");
  }
  if (!position.not_databases.empty()) {
    judge.warning("binlog_ignore_db", "is set: changes made in these databases never reach a replica",
                  "remove it if they should");
  }
}

bool is_lost(const base::Error& error) {
  return error.kind() == ErrorKind::io || error.kind() == ErrorKind::interrupted;
}

base::Result<Rows> read_replicas(SourceConnection& connection, const SourceFacts& facts) {
  const bool new_words = facts.flavor == Flavor::mysql && facts.version_number >= kShowReplicasSince;
  auto rows = connection.query(new_words ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS");
  if (!rows && !is_lost(rows.error())) return Rows{};  // the account may not ask
  return rows;
}

}  // namespace

// MariaDB shows a role's grants with the account's.
base::Result<Privileges> read_privileges(SourceConnection& connection, const SourceFacts& facts) {
  std::string question = "SHOW GRANTS";
  constexpr std::uint32_t kRolesSince = 80000;
  if (facts.flavor == Flavor::mysql && facts.version_number >= kRolesSince) {
    RELAY_ASSIGN(const std::optional<std::string> answer, connection.query_value("SELECT CURRENT_ROLE()"));
    const std::string roles = answer.value_or("NONE");
    if (roles != "NONE") question += " FOR CURRENT_USER() USING " + roles;
  }
  RELAY_ASSIGN(const Rows rows, connection.query(question));
  std::vector<Grant> grants;
  for (const Row& row : rows) {
    if (row.empty() || !row[0]) continue;
    if (auto grant = parse_grant(*row[0])) grants.push_back(std::move(*grant));
  }
  return Privileges(std::move(grants));
}

SourceCheck judge_facts(const SourceFacts& facts, std::uint32_t own_server_id) {
  Judge judge;
  judge_version(facts, judge);
  judge_server_id(facts, own_server_id, judge);
  judge_format(facts, judge);
  judge_gtid_mode(facts, judge);
  take_notes(facts, judge);
  return std::move(judge.check);
}

base::Problems judge_replicas(const Rows& replicas, Flavor flavor, const ReplicaIdentity& identity) {
  constexpr std::size_t kUuidSize = 36;
  Judge judge;
  for (const Row& row : replicas) {
    if (row.empty() || row[0] != std::to_string(identity.server_id)) continue;
    const std::string uuid = flavor == Flavor::mysql ? row.back().value_or("") : "";
    if (!uuid.empty() && uuid == identity.uuid) continue;
    if (uuid.size() == kUuidSize) {
      judge.error("server_id", "another replica is connected with the relay's server_id",
                  "set source.server_id to a number that no other server of the topology has");
    } else {
      judge.warning("server_id", "a replica with the relay's server_id is connected",
                    "nothing to do if that is this relay at work; else set source.server_id to another number");
    }
  }
  return std::move(judge.check.problems);
}

base::Result<SourceCheck> check_source(SourceConnection& connection, const SourceFacts& facts,
                                       const ReplicaIdentity& identity, const std::vector<TablePattern>& tables) {
  Judge judge;
  judge.check = judge_facts(facts, identity.server_id);
  RELAY_ASSIGN(const std::optional<std::string> account, connection.query_value("SELECT CURRENT_USER()"));
  RELAY_ASSIGN(const Privileges privileges, read_privileges(connection, facts));
  for (base::Problem& problem : judge_privileges(privileges, facts, account.value_or(""), tables)) {
    judge.check.problems.push_back(std::move(problem));
  }
  const auto position = current_log_position(connection, facts);
  if (position) {
    judge_filters(*position, judge);
  } else if (is_lost(position.error())) {
    return base::fail(position.error());
  }
  RELAY_ASSIGN(const Rows replicas, read_replicas(connection, facts));
  for (base::Problem& problem : judge_replicas(replicas, facts.flavor, identity)) {
    judge.check.problems.push_back(std::move(problem));
  }
  return std::move(judge.check);
}

}  // namespace relay::source
