#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>

#include "tests/support/ssh_server.h"
#include "tests/tunnel/connection.h"
#include "tunnel/ssh_forward.h"

using namespace relay;
using testing::Connection;
using testing::LocalServer;
using testing::random_bytes;
using testing::SshServer;
using tunnel::SshForward;

namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

Connection connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return Connection(socket);
}

// Sends and receives at once, so that neither side's buffers have to hold it all.
bool echoes(const Connection& connection, const std::string& bytes) {
  std::thread sender([&] {
    connection.send(bytes);
    connection.end_sending();
  });
  const std::string back = connection.receive_all();
  sender.join();
  return back == bytes;
}

}  // namespace

TEST_CASE("ssh_forward: carries connections to an address as the host sees it, many at once", "[tunnel]") {
  SshServer server;
  const LocalServer there(testing::echo);
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", there.port());
  REQUIRE(forward);
  std::vector<std::thread> clients;
  std::atomic<int> well{0};
  for (std::uint64_t i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      const Connection connection = connect_to((*forward)->path());
      if (echoes(connection, random_bytes(i, 4 * kMebibyte + i))) ++well;
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(well == 8);
}

TEST_CASE("ssh_forward: its socket is for nobody else, and goes with it", "[tunnel]") {
  SshServer server;
  std::string path;
  {
    const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", 1);
    REQUIRE(forward);
    path = (*forward)->path();
    struct stat status {};
    REQUIRE(::stat(std::filesystem::path(path).parent_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700);
  }
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
}

TEST_CASE("ssh_forward: a connection that cannot be made there is ended, and the next one is tried", "[tunnel]") {
  SshServer server;
  const std::uint16_t port = testing::unused_port();
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", port);
  REQUIRE(forward);
  for (int i = 0; i < 3; ++i) {
    bool ended = false;
    CHECK(connect_to((*forward)->path()).receive_all(&ended).empty());
    CHECK(ended);
  }
}

TEST_CASE("ssh_forward: a lost session ends its connections, and the next one dials again", "[tunnel]") {
  SshServer server;
  const LocalServer there(testing::echo);
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", there.port());
  REQUIRE(forward);
  for (int i = 0; i < 3; ++i) {
    const Connection connection = connect_to((*forward)->path());
    REQUIRE(connection.send("here"));
    REQUIRE(connection.receive(4) == "here");
    server.drop_sessions();
    CHECK(connection.receive_all().empty());
  }
}

TEST_CASE("ssh_forward: where the far side ends first, nothing spins and the session comes to rest", "[tunnel]") {
  SshServer server;
  const LocalServer there([](Connection connection) {
    connection.send("a greeting");
    connection.end_sending();
    static_cast<void>(connection.receive_all());
  });
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", there.port());
  REQUIRE(forward);
  for (int i = 0; i < 2; ++i) {
    const Connection connection = connect_to((*forward)->path());
    CHECK(connection.receive_all() == "a greeting");
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::seconds(1));  // this side is not ended yet
    CHECK(std::clock() - before < CLOCKS_PER_SEC / 4);
  }
  const std::clock_t before = std::clock();
  CHECK(testing::becomes_true(
      [&] { return server.text("sshd.log").find("the relay ends this session") != std::string::npos; }));
  CHECK(std::clock() - before < CLOCKS_PER_SEC / 2);
}

TEST_CASE("ssh_forward: a session that rests is ended and dialled again", "[tunnel]") {
  SshServer server;
  const LocalServer there(testing::echo);
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", there.port());
  REQUIRE(forward);
  const auto log_ins = [&] {
    const std::string log = server.text("sshd.log");
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("Accepted publickey", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  CHECK(testing::becomes_true(
      [&] { return server.text("sshd.log").find("the relay ends this session") != std::string::npos; }));
  CHECK(log_ins() == 1);
  CHECK(echoes(connect_to((*forward)->path()), random_bytes(1, 1000)));
  CHECK(log_ins() == 2);
}

TEST_CASE("ssh_forward: who does not read stops nobody else, and the host is answered meanwhile", "[tunnel]") {
  SshServer server("ClientAliveInterval 1\nClientAliveCountMax 2\n");
  const LocalServer there([](Connection connection) {
    const std::string what = connection.receive(1);
    if (what == "e") return testing::echo(std::move(connection));
    const std::string block(65536, 'f');
    while (connection.send(block)) {
    }
  });
  const auto forward = SshForward::open(server.settings(0, 0), "127.0.0.1", there.port());
  REQUIRE(forward);
  const Connection deaf = connect_to((*forward)->path());
  REQUIRE(deaf.send("f"));
  std::this_thread::sleep_for(std::chrono::seconds(6));  // more than what sshd waits for an answer
  const Connection client = connect_to((*forward)->path());
  REQUIRE(client.send("e"));
  for (std::uint64_t i = 0; i < 50; ++i) {
    const std::string message = random_bytes(i, 1000);
    REQUIRE(client.send(message));
    REQUIRE(client.receive(1000) == message);
  }
  CHECK(deaf.receive(kMebibyte).size() == kMebibyte);
}

TEST_CASE("ssh_forward: mistakes are told at once", "[tunnel]") {
  SshServer server;
  tunnel::TunnelSettings settings = server.settings(0, 0);
  server.change_host_key();
  server.start();
  const auto forward = SshForward::open(std::move(settings), "127.0.0.1", 1);
  REQUIRE_FALSE(forward);
  CHECK(forward.error().kind() == base::ErrorKind::configuration);
}
