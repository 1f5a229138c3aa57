#include <catch2/catch.hpp>

#include "tests/server/dump_tools.h"

using namespace relay;
using namespace relay::testing;

namespace {

struct OneFile {
  explicit OneFile(const std::string& like) : spool(like) {
    spool.start_file();
    spool.add(1);
    server = spool.serve();
  }
  // The replicas that are connected, when there are `count` of them; waits for that.
  std::vector<server::ReplicaStatus> connected(std::size_t count) {
    std::vector<server::ReplicaStatus> found;
    for (int i = 0; i < 100; ++i) {
      found.clear();
      for (auto& replica : server->replicas()) {
        if (replica.connected) found.push_back(std::move(replica));
      }
      if (found.size() == count) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    REQUIRE(found.size() == count);
    return found;
  }
  SampleSpool spool;
  std::unique_ptr<server::ReplicaServer> server;
};

std::unique_ptr<FakeReplica> follow(std::uint16_t port, ClientOptions options) {
  auto replica = std::make_unique<FakeReplica>(port, options);
  replica->introduce();
  replica->dump("", 4);
  // Artificial rotate, the file's own two or three events, and those of a transaction, which ends with its XID.
  while (replica->next()->type() != kXid) continue;
  return replica;
}

bool is_gone(FakeReplica& replica) {
  try {
    for (;;) static_cast<void>(replica.next(std::chrono::seconds(3)));
  } catch (const ConnectionLost& lost) {
    return true;
  }
}

}  // namespace

TEST_CASE("session: several replicas at once all get what is published", "[server]") {
  OneFile one("my97-nopk");
  std::vector<std::unique_ptr<FakeReplica>> replicas;
  for (std::uint32_t i = 0; i < 5; ++i) {
    auto options = client_of(ClientSort::mysql97);
    options.server_id = 100 + i;
    options.uuid.back() = static_cast<char>('0' + i);
    replicas.push_back(follow(one.server->port(), options));
  }
  one.connected(5);
  one.spool.add(2);
  for (const auto& replica : replicas) {
    auto event = replica->next();
    while (event->type() == kHeartbeatV2) event = replica->next();
    CHECK(outline({*event}) == "g2");
  }
}

TEST_CASE("session: a replica that connects again ends its older connection", "[server]") {
  SECTION("MySQL, by its uuid") {
    OneFile one("my97-nopk");
    auto options = client_of(ClientSort::mysql97);
    const auto older = follow(one.server->port(), options);
    options.server_id = 78;  // the uuid alone counts
    const auto newer = follow(one.server->port(), options);
    CHECK(is_gone(*older));
    CHECK(one.connected(1)[0].server_id == 78);
  }
  SECTION("MariaDB, by its server id") {
    OneFile one("ma1011-nopk");
    const auto older = follow(one.server->port(), client_of(ClientSort::mariadb));
    auto other_options = client_of(ClientSort::mariadb);
    other_options.server_id = 99;
    const auto other = follow(one.server->port(), other_options);
    const auto newer = follow(one.server->port(), client_of(ClientSort::mariadb));
    CHECK(is_gone(*older));
    CHECK(one.connected(2).size() == 2);
  }
}

TEST_CASE("session: tools do not end each other", "[server]") {
  OneFile one("my97-nopk");
  auto read = [&] {
    auto tool = std::make_unique<FakeReplica>(one.server->port(), client_of(ClientSort::mysqlbinlog));
    tool->introduce();
    tool->dump("", 4, 0);
    static_cast<void>(tool->next());
    return tool;
  };
  const auto first = read();
  const auto second = read();
  CHECK(one.connected(2).size() == 2);
}

TEST_CASE("session: a replica that leaves is noticed without anything to send", "[server]") {
  OneFile one("my97-nopk");
  auto replica = follow(one.server->port(), client_of(ClientSort::mysql97, 3'600'000'000'000));
  one.connected(1);
  replica.reset();
  one.connected(0);
}

TEST_CASE("session: a second connection of the same account may kill the first", "[server]") {
  OneFile one("ma1011-nopk");
  const auto replica = follow(one.server->port(), client_of(ClientSort::mariadb));
  FakeReplica second(one.server->port(), client_of(ClientSort::mariadb));
  second.query("KILL " + std::to_string(replica->connection_id()));
  CHECK(is_gone(*replica));
  CHECK(error_of([&] { second.query("KILL 4000000000"); }) == 1094);
}

TEST_CASE("session: stopping ends everything at once", "[server]") {
  OneFile one("my97-nopk");
  const auto replica = follow(one.server->port(), client_of(ClientSort::mysql97, 3'600'000'000'000));
  const FakeReplica idle(one.server->port(), {});
  const auto begin = std::chrono::steady_clock::now();
  one.server->stop();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
  CHECK(is_gone(*replica));
}

TEST_CASE("session: a pair that cannot work is refused at the dump too", "[server]") {
  OneFile one("my97-nopk");
  auto options = client_of(ClientSort::mysql56);
  options.version = "5.6.24";
  std::string message;
  CHECK(error_of([&] { FakeReplica(one.server->port(), options).introduce(); }, &message) == 1235);
  CHECK_THAT(message, Catch::Contains("MySQL 5.6.24") && Catch::Contains("MySQL 9.7.4"));
  // One that does not ask for checksums meets it here.
  FakeReplica replica(one.server->port(), options);
  replica.command(std::string("\x15\x4d\0\0\0\0\0\0\xea\x0c\0\0\0\0\0\0\0\0", 18));
  replica.dump("", 4);
  CHECK(error_of([&] { static_cast<void>(replica.next()); }, &message) == 1236);
  CHECK_THAT(message, Catch::Contains("MySQL 5.6.24") && Catch::Contains("MySQL 9.7.4"));
}

TEST_CASE("session: unknown commands are refused, ping and statistics are answered", "[server]") {
  OneFile one("my97-nopk");
  FakeReplica client(one.server->port(), {});
  CHECK(client.command("\x0e")[0] == '\0');
  CHECK(client.command("\x09") == "binlog-relay");
  CHECK(error_of([&] { client.command("\x16SELECT 1"); }) == 1047);
  CHECK(client.command("\x0e")[0] == '\0');
  CHECK_THROWS_AS(client.command("\x15x"), ConnectionLost);
}

TEST_CASE("session: an operator sees the spool's files and their end", "[server]") {
  OneFile one("my97-nopk");
  one.spool.start_file();
  one.spool.add(2);
  FakeReplica client(one.server->port(), {});
  const std::string size = std::to_string(one.spool.position().offset);
  for (const char* query : {"SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"}) {
    const auto rows = client.query(query);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0][0] == "spool.000002");
    CHECK(rows[0][1] == size);
    CHECK(rows[0][4] == "01020304-0506-0708-090a-0b0c0d0e0f10:1-2");
  }
  const auto files = client.query("SHOW BINARY LOGS");
  REQUIRE(files.size() == 2);
  CHECK(files[0][0] == "spool.000001");
  CHECK(files[0][1] == std::to_string(one.spool.file(1).size()));
  CHECK(files[1][1] == size);
}
