#include "relay/source/source_check.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace relay::source::testing {

namespace {

SourceFacts good_facts() {
  SourceFacts facts;
  facts.version = "9.7.4";
  facts.version_number = 90704;
  facts.server_id = 1;
  facts.log_bin = true;
  facts.gtid_mode = "ON";
  facts.binlog_format = "ROW";
  facts.binlog_row_image = "FULL";
  facts.binlog_row_metadata = "FULL";
  facts.binlog_checksum = "CRC32";
  facts.expire_seconds = 2'592'000;
  return facts;
}

Privileges privileges_of(const std::vector<std::string>& lines) {
  std::vector<Grant> grants;
  for (const std::string& line : lines) {
    if (auto grant = parse_grant(line)) grants.push_back(*grant);
  }
  return Privileges(grants);
}

const base::Problem* find_problem(const base::Problems& problems, const std::string& key) {
  const auto found = std::find_if(problems.begin(), problems.end(),
                                  [&](const auto& problem) { return problem.key.find(key) != std::string::npos; });
  return found == problems.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("source_check: good settings have no problem", "[source]") {
  const SourceCheck check = judge_facts(good_facts(), 9001);
  CHECK(check.problems.empty());
  CHECK(check.notes.empty());
}

TEST_CASE("source_check: each bad setting is one problem with a remedy", "[source]") {
  struct Case {
    const char* key;
    base::Problem::Severity severity;
    void (*spoil)(SourceFacts&);
  };
  using Severity = base::Problem::Severity;
  const Case cases[] = {
      {"version", Severity::error, [](SourceFacts& f) { f.version_number = 50562; }},
      {"server_id", Severity::error, [](SourceFacts& f) { f.server_id = 0; }},
      {"server_id", Severity::error, [](SourceFacts& f) { f.server_id = 9001; }},
      {"log_bin", Severity::error, [](SourceFacts& f) { f.log_bin = false; }},
      {"binlog_format", Severity::error, [](SourceFacts& f) { f.binlog_format = "STATEMENT"; }},
      {"binlog_format", Severity::error, [](SourceFacts& f) { f.binlog_format = "MIXED"; }},
      {"binlog_row_image", Severity::warning, [](SourceFacts& f) { f.binlog_row_image = "MINIMAL"; }},
      {"binlog_row_image", Severity::warning, [](SourceFacts& f) { f.binlog_row_image = "NOBLOB"; }},
      {"gtid_mode", Severity::warning, [](SourceFacts& f) { f.gtid_mode = "ON_PERMISSIVE"; }},
      {"binlog_expire_logs_seconds", Severity::warning, [](SourceFacts& f) { f.expire_seconds = 3600; }},
  };
  for (const Case& one : cases) {
    INFO(one.key);
    SourceFacts facts = good_facts();
    one.spoil(facts);
    const SourceCheck check = judge_facts(facts, 9001);
    REQUIRE(check.problems.size() == 1);
    CHECK(check.problems[0].key == std::string("source, ") + one.key);
    CHECK(check.problems[0].severity == one.severity);
    CHECK_FALSE(check.problems[0].remedy.empty());
  }
}

TEST_CASE("source_check: a replica with the relay's number is a stranger only where its uuid says so", "[source]") {
  using Severity = base::Problem::Severity;
  const std::string own = "11111111-2222-3333-4444-555555555555";
  const std::string other = "99999999-2222-3333-4444-555555555555";
  const ReplicaIdentity identity{9001, own};
  const auto judge = [&](binlog::Flavor flavor, const std::string& id, std::optional<std::string> last) {
    return judge_replicas({{id, "", "3306", "1", std::move(last)}}, flavor, identity);
  };
  CHECK(judge(binlog::Flavor::mysql, "9001", own).empty());
  CHECK(judge(binlog::Flavor::mysql, "9002", other).empty());
  const base::Problems stranger = judge(binlog::Flavor::mysql, "9001", other);
  REQUIRE(stranger.size() == 1);
  CHECK(stranger[0].severity == Severity::error);
  // MySQL 5.6 shows none for the connection of a relay that was killed a moment ago; MariaDB never shows any.
  for (const auto& last : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const base::Problems unknown = judge(binlog::Flavor::mysql, "9001", last);
    REQUIRE(unknown.size() == 1);
    CHECK(unknown[0].severity == Severity::warning);
  }
  const base::Problems mariadb = judge(binlog::Flavor::mariadb, "9001", "1");
  REQUIRE(mariadb.size() == 1);
  CHECK(mariadb[0].severity == Severity::warning);
}

TEST_CASE("source_check: what is handled is a note, no problem", "[source]") {
  SourceFacts facts = good_facts();
  facts.binlog_row_metadata = "MINIMAL";
  facts.binlog_row_value_options = "PARTIAL_JSON";
  facts.binlog_transaction_compression = "ON";
  facts.binlog_checksum = "NONE";
  const SourceCheck check = judge_facts(facts, 9001);
  CHECK(check.problems.empty());
  CHECK(check.notes.size() == 4);
}

TEST_CASE("grants: lines of all servers are read", "[source]") {
  struct Case {
    const char* line;
    std::set<std::string> privileges;
    const char* database;
    const char* table;
  };
  const Case cases[] = {
      {"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'relay'@'%' IDENTIFIED BY PASSWORD '*ABC'",
       {"REPLICATION SLAVE", "REPLICATION CLIENT"},
       "*",
       "*"},
      {"GRANT SELECT ON `shop`.* TO `relay`@`%`", {"SELECT"}, "shop", "*"},
      {"GRANT SELECT, SHOW VIEW ON `a``b`.`t.x` TO `relay`@`%` WITH GRANT OPTION",
       {"SELECT", "SHOW VIEW"},
       "a`b",
       "t.x"},
      {"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", {"ALL PRIVILEGES"}, "*", "*"},
      {"GRANT UPDATE, SELECT (`id`, `a ON b`) ON `shop`.`t` TO `relay`@`%`", {"UPDATE"}, "shop", "t"},
      {"GRANT USAGE ON *.* TO `relay`@`%`", {"USAGE"}, "*", "*"},
  };
  for (const Case& one : cases) {
    INFO(one.line);
    const auto grant = parse_grant(one.line);
    REQUIRE(grant);
    CHECK(grant->privileges == one.privileges);
    CHECK(grant->database == one.database);
    CHECK(grant->table == one.table);
    CHECK_FALSE(grant->revokes);
  }
  const auto revoke = parse_grant("REVOKE SELECT ON `hr`.* FROM `relay`@`%`");
  REQUIRE(revoke);
  CHECK(revoke->revokes);
}

TEST_CASE("grants: roles, proxies, routines and rubbish are passed over", "[source]") {
  for (const char* line :
       {"GRANT `reader`@`%` TO `relay`@`%`", "GRANT PROXY ON ''@'' TO 'root'@'localhost' WITH GRANT OPTION",
        "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `relay`@`%`", "SET DEFAULT ROLE `r` FOR `relay`@`%`", "", "GRANT",
        "GRANT SELECT ON", "GRANT SELECT ON `", "GRANT SELECT (`a"}) {
    INFO(line);
    CHECK_FALSE(parse_grant(line));
  }
}

TEST_CASE("grants: a pattern is covered by grants on it, its database or everything", "[source]") {
  const auto some = privileges_of({"GRANT SELECT ON `shop`.* TO `r`@`%`", "GRANT SELECT ON `log\\_2%`.* TO `r`@`%`",
                                   "GRANT SELECT ON `crm`.`people` TO `r`@`%`"});
  CHECK(some.has_on("SELECT", {"shop", "*"}));
  CHECK(some.has_on("SELECT", {"shop", "customers"}));
  CHECK(some.has_on("SELECT", {"log_2024", "*"}));
  CHECK_FALSE(some.has_on("SELECT", {"logx2024", "*"}));
  CHECK(some.has_on("SELECT", {"crm", "people"}));
  CHECK_FALSE(some.has_on("SELECT", {"crm", "*"}));
  CHECK_FALSE(some.has_on("SELECT", {"sh*", "customers"}));
  CHECK_FALSE(some.has_on("UPDATE", {"shop", "*"}));
  CHECK(privileges_of({"GRANT SELECT ON *.* TO `r`@`%`"}).has_on("SELECT", {"*", "*"}));
}

TEST_CASE("grants: a partial revoke takes away what *.* gave", "[source]") {
  const auto cut = privileges_of({"GRANT SELECT ON *.* TO `r`@`%`", "REVOKE SELECT ON `hr`.* FROM `r`@`%`"});
  CHECK(cut.has_on("SELECT", {"shop", "*"}));
  CHECK_FALSE(cut.has_on("SELECT", {"hr", "people"}));
  CHECK_FALSE(cut.has_on("SELECT", {"*", "*"}));
}

TEST_CASE("grants: what is missing comes with the GRANT that gives it", "[source]") {
  SourceFacts facts = good_facts();
  const auto problems = judge_privileges(privileges_of({"GRANT USAGE ON *.* TO `r`@`%`"}), facts, "relay@10.0.%",
                                         {{"shop", "customers"}, {"shop", "customers"}, {"crm", "*"}});
  REQUIRE(problems.size() == 4);
  CHECK(find_problem(problems, "REPLICATION SLAVE")->remedy == "GRANT REPLICATION SLAVE ON *.* TO 'relay'@'10.0.%'");
  CHECK(find_problem(problems, "REPLICATION CLIENT")->remedy == "GRANT REPLICATION CLIENT ON *.* TO 'relay'@'10.0.%'");
  CHECK(find_problem(problems, "SELECT on `shop`")->remedy == "GRANT SELECT ON `shop`.`customers` TO 'relay'@'10.0.%'");
  CHECK(find_problem(problems, "SELECT on `crm`")->remedy == "GRANT SELECT ON `crm`.* TO 'relay'@'10.0.%'");
  facts.flavor = binlog::Flavor::mariadb;
  facts.version_number = 101106;
  CHECK(find_problem(judge_privileges(privileges_of({}), facts, "r@%", {}), "BINLOG MONITOR") != nullptr);
  CHECK(
      judge_privileges(privileges_of({"GRANT ALL PRIVILEGES ON *.* TO `r`@`%`"}), facts, "r@%", {{"*", "*"}}).empty());
}

}  // namespace relay::source::testing
