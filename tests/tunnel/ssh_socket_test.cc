#include "tunnel/ssh_socket.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "tests/tunnel/connection.h"

using namespace relay;
using testing::random_bytes;
using tunnel::Descriptor;
using tunnel::SshSocket;

namespace {

// What the other end has received by now.
std::string taken_from(const Descriptor& other) {
  std::string bytes;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::recv(other.get(), block.data(), block.size(), MSG_DONTWAIT);
    if (got <= 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

TEST_CASE("ssh_socket: packets are taken whole and arrive in order, whatever the kernel takes of them", "[tunnel]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
  const Descriptor other(ends[1]);
  const int small = 8192;
  REQUIRE(::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
  SshSocket socket{Descriptor(ends[0])};
  std::string sent;
  const auto send = [&](std::size_t size) {
    const std::string packet = random_bytes(sent.size(), size);
    REQUIRE(socket.send(packet.data(), packet.size()) == static_cast<ssize_t>(size));
    sent += packet;
  };
  send(40000);  // with nothing before it, what the kernel takes goes at once
  std::string received = taken_from(other);
  CHECK(!received.empty());
  CHECK(received.size() < sent.size());
  CHECK(socket.has_unsent());
  CHECK_FALSE(socket.is_congested());
  send(50);
  send(120000);
  CHECK(socket.is_congested());
  for (int i = 0; i < 1000 && socket.has_unsent(); ++i) {
    received += taken_from(other);
    socket.flush();
  }
  received += taken_from(other);
  CHECK(received == sent);
  CHECK_FALSE(socket.has_unsent());
  CHECK_FALSE(socket.is_congested());
  send(50);  // waits for what comes with it
  CHECK(taken_from(other).empty());
  socket.flush();
  received += taken_from(other);
  CHECK(received == sent);
  CHECK(socket.failure() == 0);
}
