// SourceConnection and SourceStream against real servers, as scripts/servers prepares them.
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "relay/source/client_error.h"
#include "relay/source/known_order.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_stream.h"
#include "tests/source/real_server.h"

namespace relay::source::testing {

namespace {

using binlog::EventType;

bool is_ready(const std::string& name) {
  if (!is_prepared(name)) WARN(name << " is not prepared: run scripts/servers");
  return is_prepared(name);
}

constexpr const char* kUuid = "6e1d2f3a-0000-4000-8000-000000009001";

DumpRequest dump_request(const RealServer& server) {
  DumpRequest request;
  request.flavor = server.is_mariadb() ? binlog::Flavor::mariadb : binlog::Flavor::mysql;
  request.file = "binlog.000001";
  request.identity = {9001, kUuid};
  request.heartbeat = std::chrono::milliseconds(500);
  request.non_blocking = true;
  return request;
}

struct Seen {
  std::vector<EventType> types;
  std::string file;
  std::uint64_t offset = 0;
  std::size_t largest = 0;
};

// Everything up to the end of the log.
Seen read_all(SourceConnection& connection) {
  SourceStream stream(connection, connection.checksum());
  Seen seen;
  for (;;) {
    auto item = stream.next();
    if (!item) FAIL(item.error().message());
    if (!*item) break;
    seen.types.push_back((*item)->event.type());
    seen.largest = std::max(seen.largest, (*item)->event.bytes().size());
  }
  seen.file = stream.file();
  seen.offset = stream.offset();
  return seen;
}

Seen dump(const RealServer& server, const DumpRequest& request) {
  SourceConnection connection;
  auto done = connection.connect(server.socket_settings(), SourceConnection::Purpose::stream);
  if (done) done = connection.start_dump(request);
  if (!done) FAIL(done.error().message());
  return read_all(connection);
}

std::size_t count_of(const Seen& seen, EventType type) {
  return static_cast<std::size_t>(std::count(seen.types.begin(), seen.types.end(), type));
}

std::size_t row_events(const Seen& seen) {
  return count_of(seen, EventType::write_rows_v1) + count_of(seen, EventType::write_rows_v2);
}

std::pair<std::string, std::uint64_t> position_of(RealServer& server, const char* statement) {
  const auto rows = server.root().query(statement);
  REQUIRE(rows);
  return {rows->at(0).at(0).value(), std::stoull(rows->at(0).at(1).value())};
}

std::pair<std::string, std::uint64_t> end_of_log(RealServer& server) {
  const bool new_words = server.root().server_version().rfind("9.", 0) == 0;
  return position_of(server, new_words ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
}

const std::vector<std::string> kWork = {"CREATE DATABASE d", "CREATE TABLE d.t (a INT PRIMARY KEY, b LONGTEXT)",
                                        "INSERT INTO d.t VALUES (1,'x')", "FLUSH BINARY LOGS",
                                        "INSERT INTO d.t VALUES (2,'y')"};

}  // namespace

TEST_CASE("source_server: a dump by position follows every file to the end of the log", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8");
  const std::string checksum = GENERATE("CRC32", "NONE");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run({"SET GLOBAL binlog_checksum = " + checksum});  // in a new file
  server.empty_binlog();
  server.run(kWork);
  const Seen seen = dump(server, dump_request(server));
  CHECK(row_events(seen) == 2);
  CHECK(std::pair(seen.file, seen.offset) == end_of_log(server));
  CHECK(count_of(seen, EventType::format_description) == 2);
  const auto ends = log_file_ends(server.root());
  REQUIRE(ends);
  REQUIRE(ends->size() == 2);
  CHECK(ends->front().file == "binlog.000001");
  CHECK(std::pair(ends->back().file, ends->back().offset) == end_of_log(server));
}

TEST_CASE("source_server: a dump from the middle of a file starts there", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-11.8");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run({kWork[0], kWork[1], kWork[2]});
  const auto [file, offset] = end_of_log(server);
  server.run({kWork[4]});
  DumpRequest request = dump_request(server);
  request.file = file;
  request.offset = offset;
  const Seen seen = dump(server, request);
  CHECK(row_events(seen) == 1);
  CHECK(std::pair(seen.file, seen.offset) == end_of_log(server));
}

TEST_CASE("source_server: a dump by GTID leaves out what the relay has", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8");
  if (!is_ready(name)) return;
  const bool mariadb = name.rfind("mariadb", 0) == 0;
  RealServer& server = clean_server(
      name, mariadb
                ? std::vector<std::string>{}
                : std::vector<std::string>{"--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-slave-updates"});
  server.run({kWork[0], kWork[1], kWork[2]});
  const auto held = server.root().query_value(mariadb ? "SELECT @@gtid_binlog_pos" : "SELECT @@GLOBAL.gtid_executed");
  server.run({kWork[3], kWork[4]});
  DumpRequest request = dump_request(server);
  request.by_gtid = true;
  if (mariadb) {
    request.mariadb_gtids = binlog::MariadbGtidList::parse_text(held->value()).value();
  } else {
    request.mysql_gtids = binlog::MysqlGtidSet::parse_text(held->value()).value();
  }
  const Seen seen = dump(server, request);
  CHECK(row_events(seen) == 1);
  CHECK(std::pair(seen.file, seen.offset) == end_of_log(server));
  CHECK(has_known(server.root(), request).value());
  server.empty_binlog();
  CHECK_FALSE(has_known(server.root(), request).value());
}

TEST_CASE("source_server: a row of 20 MB comes as one event", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  server.run({kWork[0], kWork[1], "INSERT INTO d.t VALUES (1, REPEAT('x', 20000000))"});
  const Seen seen = dump(server, dump_request(server));
  CHECK(row_events(seen) == 1);
  CHECK(seen.largest > 20'000'000);
  CHECK(std::pair(seen.file, seen.offset) == end_of_log(server));
}

TEST_CASE("source_server: an idle source sends heartbeats, a silent one is noticed", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mysql-5.6", "mariadb-10.11");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  SourceSettings settings = server.socket_settings();
  settings.heartbeat = std::chrono::milliseconds(400);
  SourceConnection connection;
  REQUIRE(connection.connect(settings, SourceConnection::Purpose::stream));
  DumpRequest request = dump_request(server);
  request.non_blocking = false;
  request.heartbeat = settings.heartbeat;
  REQUIRE(connection.start_dump(request));
  SourceStream stream(connection, connection.checksum());
  int heartbeats = 0;
  while (heartbeats < 2) {
    const auto item = stream.next();
    REQUIRE(item);
    REQUIRE(item->has_value());
    if ((*item)->event.type() == EventType::heartbeat) ++heartbeats;
  }
  server.suspend(true);
  auto item = stream.next();
  while (item) item = stream.next();  // what was under way
  server.suspend(false);
  CHECK(item.error().kind() == base::ErrorKind::io);
  CHECK(item.error().message().find("silent") != std::string::npos);
}

TEST_CASE("source_server: interrupt wakes a read that waits", "[server]") {
  const std::string name = GENERATE("mysql-9.7", "mariadb-10.11");
  if (!is_ready(name)) return;
  RealServer& server = clean_server(name);
  SourceSettings settings = server.socket_settings();
  settings.heartbeat = std::chrono::minutes(5);
  SourceConnection connection;
  REQUIRE(connection.connect(settings, SourceConnection::Purpose::stream));
  DumpRequest request = dump_request(server);
  request.non_blocking = false;
  request.heartbeat = settings.heartbeat;
  REQUIRE(connection.start_dump(request));
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    connection.interrupt();
  });
  auto event = connection.read_event();
  while (event && *event) event = connection.read_event();
  other.join();
  REQUIRE(!event);
  CHECK(event.error().kind() == base::ErrorKind::interrupted);
}

TEST_CASE("source_server: a source that stops is a lost connection worth retrying", "[server]") {
  if (!is_ready("mariadb-10.11")) return;
  RealServer server("mariadb-10.11");
  SourceConnection connection;
  REQUIRE(connection.connect(server.socket_settings(), SourceConnection::Purpose::stream));
  DumpRequest request = dump_request(server);
  request.non_blocking = false;
  REQUIRE(connection.start_dump(request));
  server.stop();
  auto event = connection.read_event();
  while (event && *event) event = connection.read_event();
  if (!event) {
    INFO(event.error().message());
    CHECK(worth_retrying(event.error()));
  }
  CHECK_FALSE(connection.query("SELECT 1"));
}

}  // namespace relay::source::testing
