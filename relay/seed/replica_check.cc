#include "relay/seed/replica_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "relay/seed/load_progress.h"
#include "relay/seed/replica_status.h"
#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"
#include "relay/source/grants.h"
#include "relay/source/source_check.h"

namespace relay::seed {

namespace {

using base::Problem;
using base::Problems;
using base::Result;
using binlog::Flavor;
using source::SourceConnection;
using source::SourceFacts;

constexpr std::uint64_t kSmallestPacket = std::uint64_t{2} << 20;  // twice what a statement of a snapshot has as a rule
constexpr std::uint32_t kSplitSuper = 100500;                      // MariaDB 10.5: privileges in the place of SUPER
constexpr std::uint32_t kDynamicPrivileges = 80014;                // MySQL: SESSION_VARIABLES_ADMIN
constexpr std::size_t kNamedTables = 5;

class ReplicaJudge {
 public:
  ReplicaJudge(SourceConnection& connection, const SourceFacts& replica, const KnownSnapshot& snapshot,
               const ReplicaUse& use, Problems& problems)
      : connection_(connection), replica_(replica), snapshot_(snapshot), use_(use), problems_(problems) {}

  Result<void> run() {
    versions();
    RELAY_TRY(settings());
    RELAY_TRY(privileges());
    RELAY_TRY(replication());
    if (use_.follows && !is_told_) RELAY_TRY(gtids());
    if (!use_.resumed) RELAY_TRY(tables());
    return {};
  }

 private:
  void error(std::string key, std::string what, std::string remedy) {
    problems_.push_back({Problem::Severity::error, "", 0, "replica, " + key, std::move(what), std::move(remedy)});
  }
  void warning(std::string key, std::string what, std::string remedy) {
    problems_.push_back({Problem::Severity::warning, "", 0, "replica, " + key, std::move(what), std::move(remedy)});
  }

  void versions() {
    if (replica_.flavor != snapshot_.flavor) {
      error("version",
            fmt::format("is {}, and the snapshot is of {}", name_of_flavor(replica_.flavor),
                        name_of_flavor(snapshot_.flavor)),
            "load it into a server of the source's kind");
    } else if (replica_.version_number / 100 < snapshot_.version_number / 100) {
      warning("version", "is older than the source's: what the source's version alone has cannot be replicated",
              "take a replica of the source's version or a later one");
    }
    if (replica_.lower_case_table_names != snapshot_.lower_case_table_names) {
      error(
          "lower_case_table_names",
          fmt::format("is {}, and {} at the source", replica_.lower_case_table_names, snapshot_.lower_case_table_names),
          "set up the replica with the source's value");
    }
    if (replica_.server_id == 0 || replica_.server_id == snapshot_.server_id) {
      error("server_id", "is 0, or that of the source", "give the replica a number of its own");
    }
  }

  static const char* name_of_flavor(Flavor flavor) { return flavor == Flavor::mariadb ? "MariaDB" : "MySQL"; }

  Result<void> settings() {
    RELAY_ASSIGN(const source::Rows rows, connection_.query("SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                                                            "('max_allowed_packet', 'super_read_only')"));
    for (const source::Row& row : rows) {
      if (row.size() < 2 || !row[0] || !row[1]) continue;
      if (*row[0] == "super_read_only" && *row[1] == "ON") {
        error("super_read_only", "is ON, so nothing can be loaded",
              "SET GLOBAL super_read_only = OFF until it is loaded");
      }
      std::uint64_t packet = kSmallestPacket;
      if (*row[0] == "max_allowed_packet") std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), packet);
      if (packet < kSmallestPacket) {
        error("max_allowed_packet", fmt::format("is {}, too small for the snapshot's statements", packet),
              "SET GLOBAL max_allowed_packet = 1073741824");
      }
    }
    RELAY_ASSIGN(const auto innodb,
                 connection_.query_value("SELECT SUPPORT FROM information_schema.ENGINES WHERE ENGINE = 'InnoDB'"));
    if (innodb != "YES" && innodb != "DEFAULT") error("InnoDB", "is not there", "start the replica with InnoDB");
    return {};
  }

  Result<void> gtids() {
    if (replica_.flavor != snapshot_.flavor) return {};
    const bool with_gtids = !snapshot_.position.gtids.empty();
    if (replica_.flavor == Flavor::mysql && with_gtids && replica_.gtid_mode != "ON") {
      error("gtid_mode", "is not ON, and the source's transactions have GTIDs",
            "set gtid_mode=ON, enforce_gtid_consistency=ON");
      return {};
    }
    if (replica_.flavor == Flavor::mysql && !with_gtids && replica_.gtid_mode == "ON") {
      error("gtid_mode", "is ON, and the source's transactions have no GTIDs", "set gtid_mode=OFF");
      return {};
    }
    const auto statements = position_statements(connection_, replica_, snapshot_, use_.own);
    if (statements) return {};
    if (statements.error().kind() != base::ErrorKind::rule) return base::fail(statements.error());
    error("position", std::string(statements.error().what()), std::string(statements.error().remedy()));
    return {};
  }

  Result<void> privileges() {
    RELAY_ASSIGN(const auto account, connection_.query_value("SELECT CURRENT_USER()"));
    const std::string who = source::quoted_account(account.value_or(""));
    const auto unlogged = connection_.query("SET SESSION sql_log_bin = 0");
    if (!unlogged && !is_denied(unlogged.error())) return base::fail(unlogged.error());
    if (!unlogged) {
      error("privileges",
            "the account may not keep rows out of the replica's binary log, where they would be a "
            "transaction that the source has not",
            fmt::format("GRANT {} ON *.* TO {}", unlogging_privilege(), who));
    }
    RELAY_ASSIGN(const source::Privileges held, source::read_privileges(connection_, replica_));
    std::set<std::string> databases = {kProgressDatabase};
    for (const TableRecord& table : snapshot_.tables) databases.insert(table.database);
    std::string lacking;
    for (const char* privilege : {"SELECT", "INSERT", "CREATE", "ALTER", "INDEX", "DROP", "REFERENCES"}) {
      for (const std::string& database : databases) {
        if (held.has_on(privilege, {database, "*"})) continue;
        lacking += (lacking.empty() ? "" : ", ") + std::string(privilege);
        break;
      }
    }
    if (!lacking.empty()) {
      error("privileges", "the account may not make and fill the snapshot's tables",
            fmt::format("GRANT {} ON *.* TO {}", lacking, who));
    }
    may_follow_ = may_follow(held);
    if (use_.follows && !may_follow_) {
      warning("privileges", "the account may not say where to follow: the statements are printed at the end",
              fmt::format("GRANT {} ON *.* TO {}", following_privileges(), who));
    }
    return {};
  }

  [[nodiscard]] std::string unlogging_privilege() const {
    if (replica_.flavor == Flavor::mariadb) return replica_.version_number >= kSplitSuper ? "BINLOG ADMIN" : "SUPER";
    return replica_.version_number >= kDynamicPrivileges ? "SESSION_VARIABLES_ADMIN" : "SUPER";
  }
  [[nodiscard]] std::string following_privileges() const {
    if (replica_.flavor == Flavor::mariadb) {
      return replica_.version_number >= kSplitSuper ? "REPLICATION SLAVE ADMIN, SLAVE MONITOR, RELOAD"
                                                    : "SUPER, RELOAD";
    }
    return replica_.version_number >= kDynamicPrivileges
               ? "REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, REPLICATION CLIENT, RELOAD"
               : "SUPER, RELOAD";
  }
  [[nodiscard]] bool may_follow(const source::Privileges& held) const {
    if (held.has_global("SUPER")) return true;
    if (replica_.flavor == Flavor::mariadb) return held.has_global("REPLICATION SLAVE ADMIN");
    return held.has_global("REPLICATION_SLAVE_ADMIN") && held.has_global("SYSTEM_VARIABLES_ADMIN");
  }

  Result<void> replication() {
    RELAY_ASSIGN(const auto followed, followed_sources(connection_, replica_));
    if (!followed) return replication_unseen();
    is_told_ = use_.told != nullptr && follows_only(*followed, *use_.told);
    if (followed->empty() || is_told_) return {};
    const bool running =
        std::ranges::any_of(*followed, [](const FollowedSource& each) { return each.following != Following::no; });
    error("replication",
          running ? "is running: its statements would mix with what is loaded"
                  : "is set up already, to follow somebody: that would be lost",
          forget_statements(replica_) + ", if it is to follow the relay alone");
    return {};
  }

  Result<void> replication_unseen() {
    const bool maria = replica_.flavor == Flavor::mariadb;
    RELAY_ASSIGN(const auto account, connection_.query_value("SELECT CURRENT_USER()"));
    const std::string grant =
        fmt::format("GRANT {} ON *.* TO {}",
                    maria && replica_.version_number >= kSplitSuper ? "SLAVE MONITOR" : "REPLICATION CLIENT",
                    source::quoted_account(account.value_or("")));
    const bool needed = use_.follows && may_follow_;
    if (needed) error("privileges", "the account may not see whom the replica follows", grant);
    if (!needed) warning("privileges", "whom the replica follows could not be seen: nobody may be", grant);
    return {};
  }

  // One problem for all of them: there may be thousands.
  Result<void> tables() {
    std::set<std::pair<std::string, std::string>> wanted;
    std::set<std::string> databases;
    for (const TableRecord& table : snapshot_.tables) {
      wanted.emplace(table.database, table.table);
      databases.insert(table.database);
    }
    std::size_t found = 0;
    std::string names;
    for (const std::string& database : databases) {
      RELAY_ASSIGN(const source::Rows rows,
                   connection_.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                                     source::quote_text(database)));
      for (const source::Row& row : rows) {
        if (row.empty() || !row[0] || !wanted.contains({database, *row[0]})) continue;
        if (found++ < kNamedTables) names += (names.empty() ? "" : ", ") + database + '.' + *row[0];
      }
    }
    if (found == 0) return {};
    if (found > kNamedTables) names += " ...";
    error("tables", fmt::format("{} of the snapshot's are there already: {}", found, base::Subject(names).text()),
          "drop them, or load into another server");
    return {};
  }

  SourceConnection& connection_;
  const SourceFacts& replica_;
  const KnownSnapshot& snapshot_;
  const ReplicaUse& use_;
  Problems& problems_;
  bool may_follow_ = false;
  bool is_told_ = false;  // by an earlier run of the same load whom to follow, and nobody else
};

}  // namespace

Result<void> check_replica(SourceConnection& connection, const SourceFacts& replica, const KnownSnapshot& snapshot,
                           const ReplicaUse& use, Problems& problems) {
  return ReplicaJudge(connection, replica, snapshot, use, problems).run();
}

}  // namespace relay::seed
