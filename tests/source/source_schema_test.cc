// Facts, checks, schema and starts against real servers.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "relay/source/baseline.h"
#include "relay/source/source_check.h"
#include "tests/source/real_server.h"

namespace relay::source::testing {

namespace {

using Purpose = SourceConnection::Purpose;

bool is_ready(const std::string& name) {
  if (!is_prepared(name)) WARN(name << " is not prepared: run scripts/servers");
  return is_prepared(name);
}

template <typename T>
T value_of(base::Result<T> result) {
  if (!result) FAIL(result.error().message());
  return std::move(*result);
}

const ReplicaIdentity kIdentity{9001, "6e1d2f3a-0000-4000-8000-000000009001"};

LeavingTables all_of(const std::string& database) {
  return {[database](std::string_view name) { return name == database; },
          [database](const sql::TableName& name) {
            return name.database == database && name.table.rfind("secret", 0) != 0;
          }};
}

std::vector<std::string> names_of(const SourceSchema& schema) {
  std::vector<std::string> names;
  for (const auto& table : schema.tables) names.push_back(table.table);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> names_of(const std::vector<sql::TableName>& tables) {
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table.table);
  std::sort(names.begin(), names.end());
  return names;
}

Baseline prepare(RealServer& server, const StartSpec& start) {
  SourceConnection dump;
  REQUIRE(dump.connect(server.socket_settings(), Purpose::stream));
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  return value_of(prepare_start(server.root(), dump, facts, start, all_of("d"), kIdentity));
}

LogPosition now(RealServer& server) {
  return value_of(current_log_position(server.root(), value_of(read_source_facts(server.root()))));
}

std::vector<std::string> gtid_options(const std::string& name) {
  if (name.rfind("mariadb", 0) == 0) return {};
  return {"--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-slave-updates"};
}

const std::vector<std::string> kTables = {"CREATE DATABASE d CHARACTER SET latin1",
                                          "CREATE TABLE d.a (i INT PRIMARY KEY, v VARCHAR(10))",
                                          "CREATE TABLE d.b (i INT PRIMARY KEY)",
                                          "CREATE TABLE d.secrets (i INT)",
                                          "CREATE DATABASE other",
                                          "CREATE TABLE other.a (i INT)"};

}  // namespace

TEST_CASE("source_facts: every server says who it is and how it logs", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name, gtid_options(name));
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  CHECK(facts.server_id == 77);
  CHECK(facts.log_bin);
  CHECK(facts.binlog_format == "ROW");
  CHECK(facts.binlog_row_image == "FULL");
  CHECK_FALSE(facts.binlog_checksum.empty());
  CHECK(facts.has_gtids());
  CHECK((facts.flavor == binlog::Flavor::mariadb) == server.is_mariadb());
  CHECK(facts.server_uuid.empty() == server.is_mariadb());
  CHECK(facts.version_number / 100 == (name == "mysql-9.7"       ? 907U
                                       : name == "mysql-5.6"     ? 506U
                                       : name == "mariadb-10.5"  ? 1005U
                                       : name == "mariadb-10.11" ? 1011U
                                                                 : 1108U));
  CHECK(judge_facts(facts, 9001).problems.empty());
  CHECK(value_of(first_log_file(server.root())) == "binlog.000001");
}

TEST_CASE("source_check: an account without rights is told each GRANT, and those GRANTs are enough", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run(kTables);
  server.run({"CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'"});
  const SourceSettings settings = server.tcp_settings("relay", "secret");
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  const std::vector<TablePattern> tables = {{"d", "*"}};
  SourceConnection connection;
  REQUIRE(connection.connect(settings, Purpose::questions));
  const SourceCheck before = value_of(check_source(connection, facts, kIdentity, tables));
  REQUIRE(before.problems.size() == 3);
  for (const base::Problem& problem : before.problems) server.run({problem.remedy});
  REQUIRE(connection.connect(settings, Purpose::questions));
  CHECK(value_of(check_source(connection, facts, kIdentity, tables)).problems.empty());
  CHECK(names_of(value_of(read_schema(connection, facts, all_of("d")))) == std::vector<std::string>{"a", "b"});
  SourceConnection dump;
  REQUIRE(dump.connect(settings, Purpose::stream));
  CHECK(value_of(prepare_start(connection, dump, facts, {StartSpec::Kind::earliest, "", 0, ""}, all_of("d"), kIdentity))
            .file == "binlog.000001");
}

TEST_CASE("source_check: rights by a role count", "[server]") {
  if (!is_ready("mysql-9.7")) return;
  RealServer& server = clean_server("mysql-9.7");
  server.run({"CREATE ROLE r", "GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO r",
              "CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'", "GRANT r TO 'relay'@'%'",
              "SET DEFAULT ROLE r TO 'relay'@'%'"});
  SourceConnection connection;
  REQUIRE(connection.connect(server.tcp_settings("relay", "secret"), Purpose::questions));
  const SourceFacts facts = value_of(read_source_facts(connection));
  CHECK(value_of(check_source(connection, facts, kIdentity, {{"*", "*"}})).problems.empty());
}

TEST_CASE("source_check: another replica with the relay's server id is seen", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11");
  if (!is_ready(name) || !SourceConnection::can_register()) return;
  RealServer& server = clean_server(name);
  SourceConnection other;
  REQUIRE(other.connect(server.socket_settings(), Purpose::stream));
  DumpRequest request;
  request.flavor = server.is_mariadb() ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  request.file = "binlog.000001";
  request.identity = {9001, "6e1d2f3a-0000-4000-8000-00000000abcd"};
  REQUIRE(other.start_dump(request));
  REQUIRE(other.read_event());
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  const SourceCheck check = value_of(check_source(server.root(), facts, kIdentity, {}));
  REQUIRE(check.problems.size() == 1);
  CHECK(check.problems[0].key == "source, server_id");
  if (!server.is_mariadb()) {
    CHECK(value_of(check_source(server.root(), facts, request.identity, {}))
              .problems.empty());  // that one is the relay itself
  }
}

TEST_CASE("schema_reader: only what leaves is read, with the databases' character sets", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run(kTables);
  server.run({"CREATE VIEW d.v AS SELECT 1",
              "CREATE TABLE d.`odd ``name.x` (`c ``1` INT DEFAULT 5 COMMENT 'it''s', e ENUM('x','y') NOT NULL)"});
  if (server.is_mariadb())
    server.run({"CREATE SEQUENCE d.s", "CREATE TABLE d.versioned (i INT) WITH SYSTEM VERSIONING"});
  const SourceSchema schema =
      value_of(read_schema(server.root(), value_of(read_source_facts(server.root())), all_of("d")));
  std::vector<std::string> expected = {"a", "b", "odd `name.x"};
  if (server.is_mariadb()) expected.insert(expected.end(), {"s", "versioned"});
  CHECK(names_of(schema) == expected);
  REQUIRE(schema.database_character_sets.size() == 1);
  CHECK(schema.database_character_sets.at("d").first == "latin1");
  for (const auto& table : schema.tables) {
    CHECK(table.database == "d");
    if (table.table == "a") {
      REQUIRE(table.columns.size() == 2);
      CHECK(table.columns[1].type == "varchar");
      CHECK(table.columns[1].length == 10);
      CHECK(table.columns[1].character_set == "latin1");
    }
    if (table.table == "versioned") CHECK(table.system_versioned);
    if (table.table == "s") CHECK(table.sequence);
  }
}

TEST_CASE("baseline: latest starts at the end with everything known", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name, gtid_options(name));
  server.run(kTables);
  const LogPosition end = now(server);
  const Baseline baseline = prepare(server, {StartSpec::Kind::latest, "", 0, ""});
  CHECK(baseline.file == end.file);
  CHECK(baseline.offset == end.offset);
  CHECK(names_of(baseline.schema) == std::vector<std::string>{"a", "b"});
  CHECK(baseline.left_out.empty());
  CHECK(baseline.schema.database_character_sets.count("d") == 1);
  if (server.is_mariadb()) {
    CHECK(baseline.mariadb_gtids.position_text() == "0-77-6");
  } else {
    CHECK(baseline.mysql_gtids.text() == value_of(binlog::MysqlGtidSet::parse_text(end.gtids)).text());
    CHECK_FALSE(baseline.mysql_gtids.empty());
  }
}

// MariaDB keeps a file until the storage engine's checkpoint, which comes in its own time.
void purge_first_file(RealServer& server) {
  for (int tries = 0; tries < 200; ++tries) {
    server.run({"PURGE BINARY LOGS TO 'binlog.000002'"});
    if (value_of(first_log_file(server.root())) == "binlog.000002") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  FAIL("the server does not let go of its first binary log file");
}

TEST_CASE("baseline: earliest leaves to the stream what the stream creates", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name, gtid_options(name));
  server.run(kTables);
  server.run({"FLUSH BINARY LOGS", "INSERT INTO d.a VALUES (1,'x')"});
  purge_first_file(server);
  server.run({"ALTER TABLE d.b ADD c INT", "FLUSH BINARY LOGS", "ALTER DATABASE d CHARACTER SET utf8"});
  const Baseline baseline = prepare(server, {StartSpec::Kind::earliest, "", 0, ""});
  CHECK(baseline.file == "binlog.000002");
  CHECK(baseline.offset == 4);
  CHECK(names_of(baseline.schema) == std::vector<std::string>{"a"});
  CHECK(names_of(baseline.left_out) == std::vector<std::string>{"b"});
  CHECK(baseline.schema.database_character_sets.empty());
  if (server.is_mariadb()) {
    CHECK(baseline.mariadb_gtids.position_text() == "0-77-6");
  } else {
    CHECK(baseline.mysql_gtids.text() == value_of(purged_gtids(server.root())).text());
    CHECK_FALSE(baseline.mysql_gtids.empty());
  }
}

TEST_CASE("baseline: a position has the GTIDs before it, and no place inside a transaction passes", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name, gtid_options(name));
  server.run(kTables);
  server.run({"FLUSH BINARY LOGS", "INSERT INTO d.a VALUES (1,'x')"});
  const LogPosition place = now(server);
  server.run({"INSERT INTO d.a VALUES (2,'y')", "CREATE TABLE d.late (i INT)", "DROP TABLE d.b"});
  const Baseline baseline = prepare(server, {StartSpec::Kind::position, place.file, place.offset, ""});
  CHECK(baseline.offset == place.offset);
  CHECK(names_of(baseline.schema) == std::vector<std::string>{"a"});
  CHECK(names_of(baseline.left_out) == std::vector<std::string>{"late"});
  if (server.is_mariadb()) {
    CHECK(baseline.mariadb_gtids.position_text() == "0-77-7");
    return;
  }
  CHECK(baseline.mysql_gtids.text() == value_of(binlog::MysqlGtidSet::parse_text(place.gtids)).text());
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  for (const std::uint64_t wrong : {place.offset - 31, place.offset + 1, std::uint64_t{100'000}}) {
    INFO(wrong);
    SourceConnection dump;
    REQUIRE(dump.connect(server.socket_settings(), Purpose::stream));
    CHECK_FALSE(prepare_start(server.root(), dump, facts, {StartSpec::Kind::position, place.file, wrong, ""},
                              all_of("d"), kIdentity));
  }
}

TEST_CASE("baseline: a start by GTID finds the file and the schema there", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name, gtid_options(name));
  server.run(kTables);
  const std::string held = value_of(server.root().query_value(server.is_mariadb() ? "SELECT @@gtid_binlog_pos"
                                                                                  : "SELECT @@GLOBAL.gtid_executed"))
                               .value();
  server.run({"FLUSH BINARY LOGS", "INSERT INTO d.a VALUES (1,'x')", "ALTER TABLE d.b ADD c INT"});
  const Baseline baseline = prepare(server, {StartSpec::Kind::gtid, "", 0, held});
  CHECK(baseline.by_gtid);
  // MySQL may begin with the file that the GTIDs end in.
  CHECK((baseline.file == "binlog.000001" || baseline.file == "binlog.000002"));
  CHECK(names_of(baseline.schema) == std::vector<std::string>{"a"});
  CHECK(names_of(baseline.left_out) == std::vector<std::string>{"b"});
  const SourceFacts facts = value_of(read_source_facts(server.root()));
  SourceConnection dump;
  REQUIRE(dump.connect(server.socket_settings(), Purpose::stream));
  const auto wrong =
      prepare_start(server.root(), dump, facts, {StartSpec::Kind::gtid, "", 0, "no-gtid"}, all_of("d"), kIdentity);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind() == base::ErrorKind::configuration);
}

}  // namespace relay::source::testing
