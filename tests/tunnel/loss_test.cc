#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/support/ssh_server.h"
#include "tests/tunnel/connection.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;
using std::chrono::milliseconds;
using testing::Connection;
using testing::LocalServer;
using testing::SshServer;
using tunnel::SshTunnel;
using tunnel::TunnelSettings;
using tunnel::TunnelState;

namespace {

bool reaches(const SshTunnel& tunnel, TunnelState state) {
  return testing::becomes_true([&] { return tunnel.status().state == state; });
}

bool carries(std::uint16_t port) {
  const Connection client = Connection::to(port);
  return client.is_open() && client.send("ping") && client.receive(4) == "ping";
}

milliseconds time_of(const std::function<void()>& action) {
  const auto begun = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
}

}  // namespace

TEST_CASE("ssh_tunnel: bytes flow again after sshd was killed and restarted", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  const SshTunnel tunnel(server.settings(port, local.port()));
  REQUIRE(reaches(tunnel, TunnelState::open));
  for (int i = 1; i <= 3; ++i) {
    const Connection client = Connection::to(port);
    REQUIRE(client.send("x"));
    REQUIRE(client.receive(1) == "x");
    server.kill();
    CHECK(client.receive_all().empty());
    REQUIRE(testing::becomes_true([&] { return tunnel.status().reconnects == static_cast<std::uint64_t>(i); }));
    CHECK(tunnel.status().connections == 0);
    CHECK_FALSE(tunnel.status().last_error.empty());
    server.start();
    REQUIRE(reaches(tunnel, TunnelState::open));
    CHECK(carries(port));
  }
  // Only the session goes, and not the port's owner.
  server.drop_sessions();
  CHECK(testing::becomes_true([&] { return tunnel.status().reconnects == 4; }));
  REQUIRE(reaches(tunnel, TunnelState::open));
  CHECK(carries(port));
}

TEST_CASE("ssh_tunnel: a port that another session holds is told, and taken when it is free", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  auto holder = std::make_unique<SshTunnel>(server.settings(port, 1));
  REQUIRE(reaches(*holder, TunnelState::open));
  const SshTunnel tunnel(server.settings(port, local.port()));
  REQUIRE(reaches(tunnel, TunnelState::waiting));
  CHECK(tunnel.status().last_error.find("ClientAliveInterval") != std::string::npos);
  CHECK(tunnel.status().last_error.find(fmt::format("127.0.0.1:{}", port)) != std::string::npos);
  holder.reset();
  REQUIRE(reaches(tunnel, TunnelState::open));
  CHECK(carries(port));
}

TEST_CASE("ssh_tunnel: a host that falls silent is found within three keepalives", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(milliseconds(2000));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(reaches(tunnel, TunnelState::open));
  REQUIRE(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
  REQUIRE(carries(port));
  server.signal_sessions(SIGSTOP);
  const milliseconds found =
      time_of([&] { CHECK(testing::becomes_true([&] { return tunnel.status().reconnects == 1; })); });
  // A probe begins at once or in a keepalive, and may take two.
  CHECK(found >= testing::patiently(milliseconds(3900)));
  CHECK(found < testing::patiently(milliseconds(9000)));
  CHECK(tunnel.status().last_error.find("timed out") != std::string::npos);
  // The silent session holds the port until it is gone.
  server.drop_sessions();
  REQUIRE(reaches(tunnel, TunnelState::open));
  CHECK(carries(port));
}

TEST_CASE("ssh_tunnel: stopping ends at once, whatever it is doing", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.first_delay = settings.longest_delay = std::chrono::seconds(60);
  SECTION("open, with a connection through it") {
    SshTunnel tunnel(std::move(settings));
    REQUIRE(reaches(tunnel, TunnelState::open));
    const Connection client = Connection::to(port);
    REQUIRE(client.send("x"));
    REQUIRE(client.receive(1) == "x");
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
    CHECK(client.receive_all().empty());
    CHECK(tunnel.status().state == TunnelState::stopped);
    // The host has let go of the port.
    CHECK(testing::becomes_true([&] { return !Connection::to(port).is_open(); }));
  }
  SECTION("waiting for the next try") {
    server.kill();
    SshTunnel tunnel(std::move(settings));
    REQUIRE(reaches(tunnel, TunnelState::waiting));
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
  }
  SECTION("refused") {
    server.write("known_hosts", "");
    SshTunnel tunnel(std::move(settings));
    REQUIRE(reaches(tunnel, TunnelState::refused));
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
  }
  SECTION("in a handshake with a host that says nothing") {
    const LocalServer silent([](Connection connection) { static_cast<void>(connection.receive_all()); });
    settings.port = silent.port();
    SshTunnel tunnel(std::move(settings));
    REQUIRE(reaches(tunnel, TunnelState::connecting));
    std::this_thread::sleep_for(milliseconds(200));
    CHECK(tunnel.status().state == TunnelState::connecting);
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
  }
  SECTION("connecting to a host that does not answer") {
    settings.host = "192.0.2.1";  // RFC 5737: nobody's
    SshTunnel tunnel(std::move(settings));
    std::this_thread::sleep_for(milliseconds(200));
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
  }
  SECTION("looking a name up") {
    settings.host = "no-such-host.invalid";
    SshTunnel tunnel(std::move(settings));
    CHECK(time_of([&] { tunnel.stop(); }) < testing::patiently(milliseconds(2000)));
  }
}

TEST_CASE("ssh_tunnel: a server that is no SSH server is told as such, and waited for no longer than allowed",
          "[tunnel]") {
  SshServer server;
  TunnelSettings settings = server.settings(testing::unused_port(), 1);
  settings.connect_timeout = testing::patiently(milliseconds(2000));
  const base::StopToken stop;
  const auto error_from = [&](const std::function<void(Connection)>& serve) {
    const LocalServer other(serve);
    settings.port = other.port();
    // A key is pinned: it is not for want of one that the host is left.
    server.write("known_hosts", fmt::format("[127.0.0.1]:{} {}", other.port(), server.text("host_key.pub")));
    const auto trial = tunnel::try_tunnel(settings, stop);
    return trial ? std::string() : trial.error().message();
  };
  // By libssh2's word or by the end of the connection, whichever comes first.
  const auto is_told = [](const std::string& text) {
    return text.find("the SSH handshake failed") != std::string::npos ||
           text.find("the host closed the connection") != std::string::npos;
  };
  const std::string database = error_from([](Connection connection) {
    connection.send(
        "\x4a\x00\x00\x00\x0a"
        "8.0.36\n");
    connection.end_sending();
  });
  CAPTURE(database);
  CHECK(is_told(database));
  const std::string garbage =
      error_from([](Connection connection) { connection.send("SSH-2.0-x\r\n" + testing::random_bytes(1, 4096)); });
  CAPTURE(garbage);
  CHECK(is_told(garbage));
  const std::string silent = error_from([](Connection connection) { static_cast<void>(connection.receive_all()); });
  CAPTURE(silent);
  CHECK(silent.find("in time") != std::string::npos);
}
