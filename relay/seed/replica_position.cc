#include "relay/seed/replica_position.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using binlog::Flavor;
using binlog::MariadbGtidList;
using binlog::MysqlGtidSet;
using source::quote_text;
using source::SourceConnection;
using source::SourceFacts;
using Statements = std::vector<std::string>;

constexpr std::uint32_t kAddsToPurged = 80000;       // MySQL: gtid_purged = '+...'
constexpr std::uint32_t kReplicaWords = 80022;       // MySQL: SHOW REPLICA STATUS, START REPLICA
constexpr std::uint32_t kChangeSourceSince = 80023;  // MySQL: CHANGE REPLICATION SOURCE TO
constexpr std::uint32_t kResetLogsSince = 80200;     // MySQL: RESET BINARY LOGS AND GTIDS
constexpr std::uint32_t kPublicKeySince = 80004;     // MySQL: GET_MASTER_PUBLIC_KEY

bool mysql_since(const SourceFacts& facts, std::uint32_t version) {
  return facts.flavor == Flavor::mysql && facts.version_number >= version;
}

std::string reset_statement(const SourceFacts& replica) {
  return mysql_since(replica, kResetLogsSince) ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER";
}

Result<bool> has_replicas(SourceConnection& connection, const SourceFacts& replica) {
  const auto listed = connection.query(has_replica_words(replica) ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS");
  if (!listed && is_denied(listed.error())) {
    return base::fail(Error(ErrorKind::rule,
                            "the account may not see whether other servers follow the replica, whose "
                            "own transactions stand in the way of the snapshot's position")
                          .remedy("grant it REPLICATION SLAVE, with MariaDB REPLICATION MASTER ADMIN; or run RESET "
                                  "MASTER (RESET BINARY LOGS AND GTIDS) there"));
  }
  if (!listed) return base::fail(listed.error());
  if (!listed->empty()) return true;
  RELAY_ASSIGN(
      const auto dumps,
      connection.query_value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'"));
  return dumps != "0";
}

Result<Statements> reset_and(SourceConnection& connection, const SourceFacts& replica, std::string set,
                             OwnTransactions own) {
  if (own == OwnTransactions::kept) {
    return base::fail(
        Error(ErrorKind::rule, "the replica's own transactions stand in the way of the snapshot's position")
            .remedy("if no server follows the replica, not even one that is away now: load with --reset, or run RESET "
                    "MASTER (RESET BINARY LOGS AND GTIDS) there"));
  }
  RELAY_ASSIGN(const bool followed, has_replicas(connection, replica));
  if (followed) {
    return base::fail(Error(ErrorKind::rule,
                            "the replica's own transactions stand in the way of the snapshot's position, "
                            "and other servers follow it")
                          .remedy("let them follow no longer, run RESET MASTER (RESET BINARY LOGS AND GTIDS) at the "
                                  "replica, and load again"));
  }
  return Statements{reset_statement(replica), std::move(set)};
}

tl::unexpected<Error> has_foreign_transactions() {
  return base::fail(
      Error(ErrorKind::rule, "the replica has transactions of other servers, which the snapshot has not")
          .remedy("if nothing of them is needed there, run RESET MASTER (RESET BINARY LOGS AND GTIDS) and load again"));
}

Result<Statements> mysql_statements(SourceConnection& connection, const SourceFacts& replica, const std::string& gtids,
                                    OwnTransactions fate) {
  RELAY_ASSIGN(const MysqlGtidSet wanted, MysqlGtidSet::parse_text(gtids));
  RELAY_ASSIGN(const MysqlGtidSet executed, source::executed_gtids(connection));
  RELAY_ASSIGN(const MysqlGtidSet own, MysqlGtidSet::parse_text(replica.server_uuid + ":1-9223372036854775806"));
  MysqlGtidSet foreign = executed;
  foreign.subtract(wanted);
  foreign.subtract(own);
  if (!foreign.empty()) return has_foreign_transactions();
  if (executed.contains(wanted)) return Statements();
  MysqlGtidSet lacking = wanted;
  lacking.subtract(executed);
  const std::string text = wanted.text();
  if (replica.version_number >= kAddsToPurged && lacking == wanted) {
    return Statements{"SET GLOBAL gtid_purged = " + quote_text("+" + text)};
  }
  std::string set = "SET GLOBAL gtid_purged = " + quote_text(text);
  if (executed.empty()) return Statements{std::move(set)};
  return reset_and(connection, replica, std::move(set), fate);
}

// Whether all of a list of GTIDs, domain-server-number each, are a server's own.
bool all_of_server(std::string_view list, std::uint32_t server_id) {
  while (!list.empty()) {
    const std::string_view gtid = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), gtid.size() + 1));
    const std::size_t dash = gtid.find('-');
    if (dash == std::string_view::npos) return false;
    std::uint32_t server = 0;
    std::from_chars(gtid.data() + dash + 1, gtid.data() + gtid.size(), server);
    if (server != server_id) return false;
  }
  return true;
}

Result<Statements> mariadb_statements(SourceConnection& connection, const SourceFacts& replica,
                                      const std::string& gtids, OwnTransactions fate) {
  RELAY_ASSIGN(const MariadbGtidList wanted, MariadbGtidList::parse_text(gtids));
  const auto is_behind = [&](const MariadbGtidList& list) {
    return std::ranges::any_of(list.domains(), [&](std::uint32_t domain) {
      const auto* const theirs = wanted.last_in_domain(domain);
      return theirs == nullptr || theirs->sequence < list.last_in_domain(domain)->sequence;
    });
  };
  RELAY_ASSIGN(const auto applied_text, connection.query_value("SELECT @@GLOBAL.gtid_slave_pos"));
  RELAY_ASSIGN(const MariadbGtidList applied, MariadbGtidList::parse_text(applied_text.value_or("")));
  if (is_behind(applied)) {
    return base::fail(Error(ErrorKind::rule, "the replica's gtid_slave_pos has what the snapshot has not")
                          .remedy("if nothing of it is needed there, run SET GLOBAL gtid_slave_pos = '', and load "
                                  "again"));
  }
  std::string set = "SET GLOBAL gtid_slave_pos = " + quote_text(wanted.position_text());
  RELAY_ASSIGN(const auto strict, connection.query_value("SELECT @@GLOBAL.gtid_strict_mode"));
  RELAY_ASSIGN(const auto logged_text, connection.query_value("SELECT @@GLOBAL.gtid_binlog_state"));
  RELAY_ASSIGN(const MariadbGtidList logged, MariadbGtidList::parse_text(logged_text.value_or("")));
  // In strict mode its own log has to be behind the position in every domain.
  if (strict == "0" || !is_behind(logged)) return Statements{std::move(set)};
  if (!all_of_server(logged_text.value_or(""), replica.server_id)) return has_foreign_transactions();
  return reset_and(connection, replica, std::move(set), fate);
}

}  // namespace

Result<Statements> position_statements(SourceConnection& connection, const SourceFacts& replica,
                                       const KnownSnapshot& snapshot, OwnTransactions own) {
  const std::string& gtids = snapshot.position.gtids;
  if (gtids.empty()) return Statements();
  return snapshot.flavor == Flavor::mariadb ? mariadb_statements(connection, replica, gtids, own)
                                            : mysql_statements(connection, replica, gtids, own);
}

std::string change_source_statement(const SourceFacts& replica, const FollowTarget& target,
                                    const std::optional<FollowPlace>& place, std::string_view password) {
  const bool maria = replica.flavor == Flavor::mariadb;
  const bool new_words = mysql_since(replica, kChangeSourceSince);
  const std::string word = new_words ? "SOURCE" : "MASTER";
  std::string text = new_words ? "CHANGE REPLICATION SOURCE TO " : "CHANGE MASTER TO ";
  text += fmt::format("{0}_HOST={1}, {0}_PORT={2}, {0}_USER={3}, {0}_PASSWORD={4}", word, quote_text(target.host),
                      target.port, quote_text(target.user), quote_text(password));
  if (place) text += fmt::format(", {0}_LOG_FILE={1}, {0}_LOG_POS={2}", word, quote_text(place->file), place->offset);
  if (maria) {
    text += place ? ", MASTER_USE_GTID=no" : ", MASTER_USE_GTID=slave_pos";
  } else {
    text += fmt::format(", {}_AUTO_POSITION={}, {}_RETRY_COUNT=0", word, place ? 0 : 1, word);
  }
  text += fmt::format(", {0}_CONNECT_RETRY=1, {0}_HEARTBEAT_PERIOD=5", word);
  if (target.tls == FollowTls::off) {
    text += fmt::format(", {}_SSL=0", word);
    const bool asks_for_key = target.is_protected && mysql_since(replica, kPublicKeySince);
    if (asks_for_key) text += fmt::format(", GET_{}_PUBLIC_KEY=1", word);
    return text;
  }
  text += fmt::format(", {0}_SSL=1, {0}_SSL_VERIFY_SERVER_CERT=1, {0}_SSL_CA={1}", word, quote_text(target.tls_ca));
  if (target.tls == FollowTls::mutual) {
    text += fmt::format(", {0}_SSL_CERT={1}, {0}_SSL_KEY={2}", word, quote_text(target.tls_cert),
                        quote_text(target.tls_key));
  }
  return text;
}

bool has_replica_words(const SourceFacts& replica) { return mysql_since(replica, kReplicaWords); }

std::string start_statement(const SourceFacts& replica) {
  return has_replica_words(replica) ? "START REPLICA" : "START SLAVE";
}

}  // namespace relay::seed
