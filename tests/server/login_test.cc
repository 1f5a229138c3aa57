#include <catch2/catch.hpp>

#include "relay/wire/digest.h"
#include "relay/wire/password_proof.h"
#include "tests/support/fake_replica.h"
#include "tests/support/sample_spool.h"

using namespace relay;
using namespace relay::testing;

namespace {

std::uint16_t error_code(const std::function<void()>& action) {
  try {
    action();
  } catch (const ServerError& error) {
    return error.code;
  }
  return 0;
}

ClientOptions client(ClientSort sort) {
  ClientOptions options;
  options.sort = sort;
  return options;
}

}  // namespace

TEST_CASE("login: before anything is spooled a client is asked to come again", "[server]") {
  SampleSpool spool("my97-nopk");
  server::ServerSettings settings = spool.settings();
  settings.first_file_patience = std::chrono::milliseconds(10);
  const auto server = spool.serve(std::move(settings));
  CHECK(error_code([&] { FakeReplica replica(server->port(), {}); }) == 1040);
}

TEST_CASE("login: greets as the source of the spool would", "[server]") {
  struct Sample {
    const char* like;
    const char* version;
    const char* plugin;
  };
  for (const Sample& sample : {Sample{"my97-nopk", "9.7.4", "caching_sha2_password"},
                               Sample{"my56-nopk", "5.6.24-log", "mysql_native_password"},
                               Sample{"ma1011-nopk", "5.5.5-10.11.19-MariaDB", "mysql_native_password"},
                               Sample{"ma118-nopk", "11.8.6-MariaDB", "mysql_native_password"}}) {
    SampleSpool spool(sample.like);
    spool.start_file();
    const auto server = spool.serve();
    const FakeReplica replica(server->port(), client(ClientSort::mysql97));
    CHECK(replica.server_version().substr(0, std::string(sample.version).size()) == sample.version);
    CHECK(replica.offered_plugin() == sample.plugin);
  }
}

TEST_CASE("login: both plugins, offered or switched to, fast or full", "[server]") {
  for (const char* like : {"my97-nopk", "ma1011-nopk"}) {
    SampleSpool spool(like);
    spool.start_file();
    const auto server = spool.serve();
    for (const char* plugin : {"mysql_native_password", "caching_sha2_password"}) {
      for (const bool spoil : {false, true}) {
        INFO(like << " " << plugin << (spoil ? " full" : ""));
        ClientOptions options;
        options.plugin = plugin;
        options.spoil_first_proof = spoil && plugin == std::string("caching_sha2_password");
        FakeReplica replica(server->port(), options);
        CHECK(replica.full_authentication() == options.spoil_first_proof);
        CHECK(replica.query("select connection_id()")[0][0] == std::to_string(replica.connection_id()));
      }
    }
  }
}

TEST_CASE("login: a wrong password and an unknown user get the same answer", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  const auto server = spool.serve();
  for (const char* plugin : {"mysql_native_password", "caching_sha2_password"}) {
    std::vector<std::string> messages;
    for (const auto& [user, password] : {std::pair{"replica", "wrong"}, std::pair{"nobody", "secret"}}) {
      ClientOptions options;
      options.plugin = plugin;
      options.user = user;
      options.password = password;
      try {
        FakeReplica replica(server->port(), options);
        FAIL("logged in");
      } catch (const ServerError& error) {
        CHECK(error.code == 1045);
        messages.emplace_back(error.what());
      }
    }
    CHECK(messages.at(0) == "Access denied for user 'replica'@'127.0.0.1' (using password: YES)");
    CHECK(messages.at(1) == "Access denied for user 'nobody'@'127.0.0.1' (using password: YES)");
  }
}

TEST_CASE("login: a client that is too slow or says nothing is dropped", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.handshake_time = std::chrono::milliseconds(100);
  const auto server = spool.serve(std::move(settings));
  base::StopToken stop;
  const auto stream = connect_to(server->port(), stop);
  std::vector<std::uint8_t> block(4096);
  const auto deadline = tunnel::deadline_after(std::chrono::seconds(5));
  auto got = stream->read_some(block.data(), block.size(), deadline);
  while (got && *got > 0) got = stream->read_some(block.data(), block.size(), deadline);
  REQUIRE(got);
  CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("login: one connection more than allowed is refused, and let in when one has left", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.maximum_connections = 2;
  const auto server = spool.serve(std::move(settings));
  auto first = std::make_unique<FakeReplica>(server->port(), ClientOptions{});
  const FakeReplica second(server->port(), {});
  CHECK(error_code([&] { FakeReplica third(server->port(), {}); }) == 1040);
  first.reset();
  bool let_in = false;
  for (int i = 0; i < 50 && !let_in; ++i) {
    let_in = error_code([&] { FakeReplica third(server->port(), {}); }) == 0;
    if (!let_in) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  CHECK(let_in);
}

TEST_CASE("login: who is refused again and again is turned away, and let in when the time is over", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.failed_login_delay = std::chrono::milliseconds(1);
  const auto server = spool.serve(std::move(settings));
  ClientOptions wrong;
  wrong.password = "wrong";
  for (std::uint32_t i = 0; i < server::LoginGuard::kFree; ++i) {
    CHECK(error_code([&] { FakeReplica replica(server->port(), wrong); }) == 1045);
  }
  CHECK(error_code([&] { FakeReplica replica(server->port(), {}); }) == 1129);
  std::this_thread::sleep_for(server::LoginGuard::kFirstWait + std::chrono::milliseconds(100));
  CHECK(error_code([&] { FakeReplica replica(server->port(), {}); }) == 0);
}

TEST_CASE("login: connections that do not log in leave room for others", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  auto settings = spool.settings();
  settings.maximum_logins = 2;
  const auto server = spool.serve(std::move(settings));
  const FakeReplica first(server->port(), {});  // logged in
  base::StopToken stop;
  std::vector<std::unique_ptr<tunnel::ByteStream>> silent;
  for (int i = 0; i < 2; ++i) {
    silent.push_back(connect_to(server->port(), stop));
    std::uint8_t byte = 0;
    REQUIRE((*silent.back()).read_some(&byte, 1, tunnel::deadline_after(std::chrono::seconds(5))));  // greeted
  }
  CHECK(error_code([&] { FakeReplica third(server->port(), {}); }) == 1040);
}
