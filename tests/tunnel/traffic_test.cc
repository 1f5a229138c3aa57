#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>

#include "relay/base/sha256.h"
#include "tests/support/ssh_server.h"
#include "tests/tunnel/connection.h"
#include "tunnel/ssh_tunnel.h"

using namespace relay;
using testing::Connection;
using testing::LocalServer;
using testing::random_bytes;
using testing::SshServer;
using tunnel::SshTunnel;
using tunnel::TunnelSettings;
using tunnel::TunnelState;

namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

bool is_open(const SshTunnel& tunnel) {
  return testing::becomes_true([&] { return tunnel.status().state == TunnelState::open; });
}

std::string digest(const std::string& bytes) { return base::sha256_hex({base::ByteView::of(bytes)}); }

std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, text.data(), std::min(text.size(), sizeof seed));
  return seed;
}

std::string text_of(std::uint64_t seed) {
  std::string text(sizeof seed, '\0');
  std::memcpy(text.data(), &seed, sizeof seed);
  return text;
}

// Talks in both directions at once: each side sends `size` random bytes that the other can make, too, and compares.
bool talk(const Connection& connection, std::uint64_t sent, std::uint64_t expected, std::size_t size) {
  std::thread sender([&] {
    connection.send(random_bytes(sent, size));
    connection.end_sending();
  });
  bool ended = false;
  const std::string received = connection.receive_all(&ended);
  sender.join();
  return ended && digest(received) == digest(random_bytes(expected, size));
}

// Runs `clients` conversations of `size` bytes each way at once; how many were right at both ends.
int run_talks(std::uint16_t port, std::atomic<int>& served, int clients, std::size_t size) {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, seed = static_cast<std::uint64_t>(i) * 2 + 10] {
      const Connection client = Connection::to(port);
      if (client.send(text_of(seed)) && talk(client, seed, seed + 1, size)) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  static_cast<void>(testing::becomes_true([&] { return served == clients; }));
  return right;
}

// Hands on what comes, `bytes` at most every 20 ms, until an end.
void trickle(const Connection& from, const Connection& to, std::size_t bytes) {
  std::string block(bytes, '\0');
  for (;;) {
    const ssize_t got = ::recv(from.socket(), block.data(), block.size(), 0);
    if (got <= 0 || !to.send(block.substr(0, static_cast<std::size_t>(got)))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::shutdown(from.socket(), SHUT_RDWR);
  ::shutdown(to.socket(), SHUT_RDWR);
}

// Runs `body` until it sees that `end` is set, at the latest when this goes: a failed REQUIRE leaves a test by an
// exception.
class JoinedThread {
 public:
  JoinedThread(std::atomic<bool>& end, std::function<void()> body) : end_(end), thread_(std::move(body)) {}
  JoinedThread(const JoinedThread&) = delete;
  JoinedThread& operator=(const JoinedThread&) = delete;
  ~JoinedThread() {
    end_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool>& end_;
  std::thread thread_;
};

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("ssh_tunnel: many connections at once carry random bytes both ways", "[tunnel]") {
  SshServer server;
  std::atomic<int> served{0};
  const LocalServer local([&](Connection connection) {
    const std::uint64_t seed = seed_of(connection.receive(8));
    if (talk(connection, seed + 1, seed, 2 * kMebibyte)) ++served;
  });
  const std::uint16_t port = testing::unused_port();
  const SshTunnel tunnel(server.settings(port, local.port()));
  REQUIRE(is_open(tunnel));
  CHECK(run_talks(port, served, 24, 2 * kMebibyte) == 24);
  CHECK(served == 24);
  CHECK(tunnel.status().bytes_to_host == 24 * 2 * kMebibyte);
  CHECK(tunnel.status().bytes_from_host == 24 * (2 * kMebibyte + 8));
  CHECK(testing::becomes_true([&] { return tunnel.status().connections == 0; }));
  CHECK(tunnel.status().reconnects == 0);
}

TEST_CASE("ssh_tunnel: keys are exchanged anew under load", "[tunnel]") {
  SshServer server("RekeyLimit 1M\nLogLevel DEBUG1");
  std::atomic<int> served{0};
  const LocalServer local([&](Connection connection) {
    const std::uint64_t seed = seed_of(connection.receive(8));
    if (talk(connection, seed + 1, seed, 8 * kMebibyte)) ++served;
  });
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(std::chrono::seconds(3));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  CHECK(run_talks(port, served, 4, 8 * kMebibyte) == 4);
  CHECK(served == 4);
  CHECK(tunnel.status().reconnects == 0);
  std::size_t exchanges = 0;
  const std::string log = server.text("sshd.log");
  for (std::size_t at = 0; (at = log.find("SSH2_MSG_NEWKEYS received", at)) != std::string::npos; ++at) ++exchanges;
  INFO(exchanges << " key exchanges");
  CHECK(exchanges > 10);
}

TEST_CASE("ssh_tunnel: the end of one side is passed on, and the other goes on", "[tunnel]") {
  SshServer server;
  const LocalServer local([](Connection connection) {
    bool ended = false;
    const std::string question = connection.receive_all(&ended);
    if (ended) connection.send("answer to " + question);
    connection.end_sending();
  });
  const std::uint16_t port = testing::unused_port();
  const SshTunnel tunnel(server.settings(port, local.port()));
  REQUIRE(is_open(tunnel));
  SECTION("by the client first") {
    const Connection client = Connection::to(port);
    client.send("the question");
    client.end_sending();
    CHECK(client.receive_all() == "answer to the question");
  }
  SECTION("by the server first") {
    const LocalServer other([](Connection connection) {
      connection.send("a greeting");
      connection.end_sending();
      if (connection.receive_all() != "a late answer") std::abort();
    });
    const std::uint16_t second_port = testing::unused_port();
    const SshTunnel second(server.settings(second_port, other.port()));
    REQUIRE(is_open(second));
    const Connection client = Connection::to(second_port);
    CHECK(client.receive_all() == "a greeting");
    client.send("a late answer");
    client.end_sending();
    CHECK(testing::becomes_true([&] { return second.status().connections == 0; }));
  }
}

TEST_CASE("ssh_tunnel: who does not read stops nobody else, and memory stays bounded", "[tunnel]") {
  SshServer server;
  std::atomic<std::uint64_t> flooded{0};
  std::atomic<bool> end{false};
  // The first byte says what to do: flood without reading, read nothing, or echo.
  const LocalServer local([&](Connection connection) {
    const std::string what = connection.receive(1);
    const timeval soon{0, 100000};
    ::setsockopt(connection.socket(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    const std::string block(65536, 'f');
    while (what == "f" && !end) {
      const ssize_t sent = ::send(connection.socket(), block.data(), block.size(), MSG_NOSIGNAL);
      if (sent > 0) flooded += static_cast<std::uint64_t>(sent);
    }
    while (what == "n" && !end) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (what == "e") testing::echo(std::move(connection));
  });
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.keepalive = testing::patiently(std::chrono::seconds(3));
  const SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  const std::size_t before = resident_bytes();

  const Connection deaf = Connection::to(port);  // is flooded from here and reads nothing
  deaf.send("f");
  const Connection loud = Connection::to(port);  // floods, and nobody here reads
  loud.send("n");
  std::atomic<std::uint64_t> loud_sent{0};
  const JoinedThread shouting(end, [&] {
    const timeval soon{0, 100000};
    ::setsockopt(loud.socket(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    const std::string block(65536, 'l');
    while (!end) {
      const ssize_t sent = ::send(loud.socket(), block.data(), block.size(), MSG_NOSIGNAL);
      if (sent > 0) loud_sent += static_cast<std::uint64_t>(sent);
    }
  });
  // Until both floods have come to rest: what is on the way has found its bound.
  const auto rests = [&] {
    const std::uint64_t sum = flooded + loud_sent;
    std::this_thread::sleep_for(testing::patiently(std::chrono::seconds(1)));
    return flooded > 0 && loud_sent > 0 && flooded + loud_sent == sum;
  };
  REQUIRE(testing::becomes_true(rests, std::chrono::seconds(60)));
  const std::uint64_t flooded_early = flooded;
  const std::uint64_t loud_early = loud_sent;
  const Connection client = Connection::to(port);
  REQUIRE(client.send("e"));
  for (int i = 0; i < 200; ++i) {
    const std::string message = random_bytes(static_cast<std::uint64_t>(i), 1000);
    REQUIRE(client.send(message));
    REQUIRE(client.receive(1000) == message);
  }
  // And they still do.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  CHECK(flooded - flooded_early < kMebibyte);
  CHECK(loud_sent - loud_early < kMebibyte);
  const std::size_t after = resident_bytes();
  INFO("grown by " << (after - before) / 1024 << " KiB, flooded " << flooded << ", shouted " << loud_sent);
  CHECK(after < before + 16 * kMebibyte);
  CHECK(tunnel.status().reconnects == 0);
  CHECK(tunnel.status().connections == 3);
}

TEST_CASE("ssh_tunnel: what a server wrote before it went arrives, although it left something unread", "[tunnel]") {
  SshServer server;
  const std::string answer = random_bytes(5, 32 * kMebibyte);
  std::atomic<std::size_t> gone_after{0};
  const LocalServer local([&](Connection accepted) {
    const auto connection = std::make_unique<Connection>(std::move(accepted));
    if (connection->receive(1) != "a") return;
    // Until nobody takes anything any more; all but what waits in this socket is in the tunnel's hands then.
    const timeval patience{1, 0};
    ::setsockopt(connection->socket(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const ssize_t taken = ::send(connection->socket(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (taken <= 0) break;
      sent += static_cast<std::size_t>(taken);
    }
    int waiting = 0;
    ::ioctl(connection->socket(), SIOCOUTQ, &waiting);
    gone_after = sent - static_cast<std::size_t>(waiting);
    // It leaves bytes unread, for which the kernel ends the connection by a reset.
  });
  const std::uint16_t port = testing::unused_port();
  const SshTunnel tunnel(server.settings(port, local.port()));
  REQUIRE(is_open(tunnel));
  const Connection client = Connection::to(port);
  client.send("a");
  client.send("unread");
  REQUIRE(testing::becomes_true([&] { return gone_after > 0; }));
  for (int i = 0; i < 20; ++i) {
    client.send("more");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  bool ended = false;
  const std::string received = client.receive_all(&ended);
  CHECK(ended);
  CHECK(received.size() >= gone_after);
  CHECK(digest(received) == digest(answer.substr(0, received.size())));
  CHECK(testing::becomes_true([&] { return tunnel.status().connections == 0; }));
  CHECK(tunnel.status().reconnects == 0);
}

TEST_CASE("ssh_tunnel: a client without a server here is sent away", "[tunnel]") {
  SshServer server;
  const std::uint16_t port = testing::unused_port();
  const SshTunnel tunnel(server.settings(port, testing::unused_port()));
  REQUIRE(is_open(tunnel));
  const Connection client = Connection::to(port);
  REQUIRE(client.is_open());
  CHECK(client.receive_all().empty());
  CHECK(tunnel.status().state == TunnelState::open);
}

TEST_CASE("ssh_tunnel: a slow line that is full of bytes is not taken for a dead one", "[tunnel]") {
  SshServer server;
  const LocalServer line([&](Connection connection) {
    const int small = 16384;
    ::setsockopt(connection.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const Connection host = Connection::to(server.port());
    std::thread back([&] { trickle(host, connection, 8192); });
    trickle(connection, host, 8192);
    back.join();
  });
  std::atomic<bool> end{false};
  const LocalServer local([&](Connection connection) {
    const std::string block(65536, 'f');
    while (!end && connection.send(block)) {
    }
  });
  const std::uint16_t port = testing::unused_port();
  TunnelSettings settings = server.settings(port, local.port());
  settings.port = line.port();
  server.write("known_hosts", "[127.0.0.1]:" + std::to_string(line.port()) + " " + server.text("host_key.pub"));
  settings.keepalive = testing::patiently(std::chrono::seconds(1));
  SshTunnel tunnel(std::move(settings));
  REQUIRE(is_open(tunnel));
  const Connection client = Connection::to(port);
  const auto until = std::chrono::steady_clock::now() + testing::patiently(std::chrono::seconds(8));
  std::size_t received = 0;
  while (std::chrono::steady_clock::now() < until) {
    const std::size_t got = client.receive(8192).size();
    if (got == 0) break;
    received += got;
  }
  CHECK(tunnel.status().reconnects == 0);
  CHECK(received > kMebibyte);
  const auto round_trip = tunnel.status().round_trip;
  CHECK(round_trip.has_value());
  CHECK(round_trip < testing::patiently(std::chrono::seconds(2)));
  end = true;
  tunnel.stop();
}
