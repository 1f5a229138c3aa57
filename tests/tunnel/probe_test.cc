#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/ssh_server.h"
#include "tests/tunnel/connection.h"
#include "tunnel/dial.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;
using testing::Connection;
using testing::LocalServer;
using testing::SshServer;
using tunnel::SshTunnel;
using tunnel::TunnelSettings;
using tunnel::TunnelState;

namespace {

bool is_open(const SshTunnel& tunnel) {
  return testing::becomes_true([&] { return tunnel.status().state == TunnelState::open; });
}

}  // namespace

TEST_CASE("ssh_tunnel: connections above the most are closed, and the rest go on", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(std::chrono::seconds(2));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  std::vector<Connection> clients;
  int answered = 0;
  for (int i = 0; i < 70; ++i) {
    clients.push_back(Connection::to(port));
    if (clients.back().send("x") && clients.back().receive(1) == "x") ++answered;
  }
  CHECK(answered == 64);
  // There is room for the probe.
  std::this_thread::sleep_for(testing::patiently(std::chrono::seconds(7)));
  CHECK(tunnel.status().reconnects == 0);
  clients.clear();
  CHECK(testing::becomes_true([&] { return tunnel.status().connections == 0; }));
  const Connection again = Connection::to(port);
  CHECK((again.send("y") && again.receive(1) == "y"));
}

TEST_CASE("ssh_tunnel: bursts of connections cost none that there is room for, and not the session", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(std::chrono::seconds(1));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  const auto end = std::chrono::steady_clock::now() + 5 * testing::patiently(std::chrono::seconds(1));
  // More than there is room for in every second round: the probe's own may be among those that are sent away.
  for (int count = 60; std::chrono::steady_clock::now() < end; count = 260 - count) {
    std::vector<Connection> clients;
    for (int i = 0; i < count; ++i) clients.push_back(Connection::to(port));
    int answered = 0;
    for (const Connection& client : clients) {
      if (client.send("x") && client.receive(1) == "x") ++answered;
    }
    CHECK(answered >= std::min(count, 60));
    clients.clear();
    REQUIRE(testing::becomes_true([&] { return tunnel.status().connections == 0; }));
  }
  CHECK(tunnel.status().reconnects == 0);
}

TEST_CASE("ssh_tunnel: a probe whose connection the host ends is made again", "[tunnel]") {
  SshServer server("GatewayPorts clientspecified");
  std::atomic<int> probes{0};
  std::atomic<std::uint16_t> at{0};
  // sshd, asked to listen at all addresses, does so at IPv6's only, as this has IPv4's. The probe comes here; the first
  // one is sent away, and the others are handed on.
  const LocalServer before([&](Connection connection) {
    const std::string number = connection.receive(32);
    if (++probes == 1) return;
    const base::StopToken stop;
    const auto deadline = tunnel::deadline_after(std::chrono::seconds(5));
    const auto onward = tunnel::dial("::1", at.load(), deadline, std::chrono::seconds(5), stop);
    if (!onward) return;
    ::send(onward->get(), number.data(), number.size(), MSG_NOSIGNAL);
    static_cast<void>(connection.receive_all());
  });
  at = before.port();
  TunnelSettings settings = server.settings(at, 1);
  settings.remote_host = "";
  settings.keepalive = testing::patiently(std::chrono::seconds(2));
  const SshTunnel tunnel(std::move(settings));
  if (!testing::becomes_true([&] { return tunnel.status().state == TunnelState::open; }, std::chrono::seconds(5))) {
    WARN("not tested: there is no IPv6 here");
    return;
  }
  CHECK(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
  CHECK(tunnel.status().reconnects == 0);
  CHECK(probes == 2);
}

TEST_CASE("ssh_tunnel: a client that waits for the greeting gets it while a probe is on its way", "[tunnel]") {
  SshServer server;
  const LocalServer local([](Connection connection) {
    connection.send("hello");
    connection.end_sending();
    static_cast<void>(connection.receive_all());
  });
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(std::chrono::seconds(1));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  const auto end = std::chrono::steady_clock::now() + 4 * testing::patiently(std::chrono::seconds(1));
  while (std::chrono::steady_clock::now() < end) REQUIRE(Connection::to(port).receive_all() == "hello");
  CHECK(tunnel.status().reconnects == 0);
}

TEST_CASE("ssh_tunnel: a session without descriptors at the host is no lost one at once", "[tunnel]") {
  SshServer server;
  const LocalServer local(testing::echo);
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  const auto keepalive = testing::patiently(std::chrono::seconds(2));
  settings.keepalive = keepalive;
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  REQUIRE(testing::becomes_true([&] { return tunnel.status().round_trip.has_value(); }));
  const Connection stream = Connection::to(port);
  const auto goes_on = [&] { return stream.send("x") && stream.receive(1) == "x"; };
  REQUIRE(goes_on());
  const auto goes_on_for = [&](std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      if (!goes_on()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  };
  server.take_descriptors();
  SECTION("it has some again in time") {
    // A probe begins within a keepalive; it may take two.
    CHECK(goes_on_for(keepalive * 5 / 4));
    CHECK(server.text("sshd.log").find("Too many open files") != std::string::npos);
    const Connection waiting = Connection::to(port);
    server.give_descriptors();
    CHECK((waiting.send("y") && waiting.receive(1) == "y"));
    CHECK(goes_on_for(3 * keepalive));
    CHECK(tunnel.status().reconnects == 0);
    CHECK(tunnel.status().last_error.empty());
  }
  SECTION("it has none for long") {
    CHECK(goes_on_for(keepalive * 7 / 4));
    CHECK(testing::becomes_true([&] { return tunnel.status().reconnects == 1; }));
    CHECK(tunnel.status().last_error.find("LimitNOFILE") != std::string::npos);
    REQUIRE(is_open(tunnel));
  }
}
