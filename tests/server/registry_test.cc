#include <catch2/catch.hpp>

#include "tests/server/dump_tools.h"

using namespace relay;
using namespace relay::testing;

namespace {

server::ReplicaStatus status(std::uint32_t server_id, const std::string& uuid = "") {
  server::ReplicaStatus made;
  made.server_id = server_id;
  made.uuid = uuid;
  made.kind = "MySQL 9.7.4";
  return made;
}

}  // namespace

TEST_CASE("replica_registry: files that a replica may still ask for are known, also while it is away", "[server]") {
  SampleSpool spool("my97-nopk");
  const std::string path = spool.folder() + "/replicas.json";
  server::ReplicaRegistry registry(base::posix_file_system(), path);
  REQUIRE(registry.load());
  CHECK_FALSE(registry.lowest_file_needed());
  const auto a = registry.enter(status(1, "uuid-a"), [] {});
  const auto b = registry.enter(status(2), [] {});
  CHECK_FALSE(registry.lowest_file_needed());
  registry.update(a, {3, 100}, {});
  registry.update(b, {7, 4}, {});
  CHECK(registry.lowest_file_needed() == 3);
  registry.leave(a);
  CHECK(registry.lowest_file_needed() == 3);
  registry.leave(b);
  REQUIRE(registry.store());

  server::ReplicaRegistry after_restart(base::posix_file_system(), path);
  REQUIRE(after_restart.load());
  CHECK(after_restart.lowest_file_needed() == 3);
  const auto known = after_restart.snapshot();
  REQUIRE(known.size() == 2);
  CHECK_FALSE(known[0].connected);
  CHECK(known[1].uuid == "uuid-a");
  CHECK(known[1].position == spool::SpoolPosition{3, 100});
  CHECK(known[1].kind == "MySQL 9.7.4");
}

TEST_CASE("replica_registry: a connected replica is shown once", "[server]") {
  server::ReplicaRegistry registry(base::posix_file_system(), "");
  const auto handle = registry.enter(status(1, "uuid-a"), [] {});
  registry.update(handle, {3, 100}, {});
  REQUIRE(registry.snapshot().size() == 1);
  CHECK(registry.snapshot()[0].connected);
}

TEST_CASE("replica_registry: clients without an identity leave nothing behind", "[server]") {
  server::ReplicaRegistry registry(base::posix_file_system(), "");
  const auto tool = registry.enter(status(0), [] {});
  registry.update(tool, {2, 4}, {});
  CHECK(registry.lowest_file_needed() == 2);
  registry.leave(tool);
  CHECK_FALSE(registry.lowest_file_needed());
  CHECK(registry.snapshot().empty());
}

TEST_CASE("replica_registry: made-up identities cannot fill the memory", "[server]") {
  server::ReplicaRegistry registry(base::posix_file_system(), "");
  for (std::uint32_t i = 1; i <= 1500; ++i) {
    const auto handle = registry.enter(status(i), [] {});
    registry.update(handle, {1, 4}, {});
    registry.leave(handle);
  }
  CHECK(registry.snapshot().size() == 1000);
}

TEST_CASE("replica_registry: a broken list is an error that names the file", "[server]") {
  SampleSpool spool("my97-nopk");
  const std::string path = spool.folder() + "/replicas.json";
  for (const char* text : {"", "{", "[]", "{\"replicas\": 3}"}) {
    REQUIRE(base::replace_file(base::posix_file_system(), path, base::ByteView::of(text)));
    server::ReplicaRegistry registry(base::posix_file_system(), path);
    const auto loaded = registry.load();
    REQUIRE_FALSE(loaded);
    CHECK_THAT(loaded.error().message(), Catch::Contains("replicas.json"));
  }
  // Entries of a wrong shape are passed over.
  const std::string odd =
      R"({"replicas": [1, {"identity": 2}, {"identity": "x", "file": "three"}, {"identity": "y", "file": 4}]})";
  REQUIRE(base::replace_file(base::posix_file_system(), path, base::ByteView::of(odd)));
  server::ReplicaRegistry registry(base::posix_file_system(), path);
  REQUIRE(registry.load());
  CHECK(registry.lowest_file_needed() == 4);
}

TEST_CASE("replica_server: replicas are shown with who they are, where they are and how far behind", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  spool.add(1);
  const auto server = spool.serve();
  FakeReplica replica(server->port(), client_of(ClientSort::mysql97));
  replica.introduce();
  replica.dump_gtid(mysql_set(""));
  replica.events();
  const auto shown = server->replicas();
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].connected);
  CHECK(shown[0].server_id == 77);
  CHECK(shown[0].uuid == "11111111-2222-3333-4444-555555555555");
  CHECK(shown[0].user == "replica");
  CHECK(shown[0].kind == "MySQL 9.7.4");
  CHECK(shown[0].address.substr(0, 10) == "127.0.0.1:");
  CHECK(shown[0].position == spool.position());
  CHECK(shown[0].gtids == "01020304-0506-0708-090a-0b0c0d0e0f10:1");
  CHECK(shown[0].lag_bytes == 0);
  CHECK(server->lowest_file_needed() == 1);
}

TEST_CASE("replica_server: a replica that is away falls behind by the bytes that were published since", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  spool.add(1);
  const auto server = spool.serve();
  {
    FakeReplica replica(server->port(), client_of(ClientSort::mysql97));
    replica.introduce();
    replica.dump("", 4);
    replica.events();
  }
  std::vector<server::ReplicaStatus> shown;
  for (int i = 0; i < 100; ++i) {
    shown = server->replicas();
    if (!shown[0].connected) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::uint64_t before = spool.file(1).size();
  spool.add(2);
  spool.start_file();
  spool.add(3);
  shown = server->replicas();
  REQUIRE(shown.size() == 1);
  CHECK_FALSE(shown[0].connected);
  CHECK(server->lowest_file_needed() == 1);
  CHECK(shown[0].lag_bytes == spool.file(1).size() - before + spool.file(2).size());
}
