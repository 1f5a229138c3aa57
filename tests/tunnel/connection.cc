#include "tests/tunnel/connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <random>
#include <stdexcept>
#include <utility>

#include "tests/support/ssh_server.h"

namespace relay::testing {

namespace {

constexpr std::size_t kBlock = 65536;

}  // namespace

Connection::Connection(int socket) : socket_(socket) {
  const timeval most{static_cast<time_t>(30 * testing::patience()), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

Connection Connection::to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return Connection(socket);
  ::close(socket);
  return Connection(-1);
}

Connection::Connection(Connection&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

bool Connection::send(const std::string& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    done += static_cast<std::size_t>(sent);
  }
  return true;
}

std::string Connection::receive(std::size_t size) const {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::recv(socket_, bytes.data() + done, size - done, 0);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string Connection::receive_all(bool* ended) const {
  std::string bytes;
  std::array<char, kBlock> block;
  for (;;) {
    const ssize_t got = ::recv(socket_, block.data(), block.size(), 0);
    if (ended != nullptr) *ended = got == 0;
    if (got <= 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

void Connection::end_sending() const { ::shutdown(socket_, SHUT_WR); }

LocalServer::LocalServer(std::function<void(Connection)> serve) : serve_(std::move(serve)) {
  auto listener = tunnel::TcpListener::listen("127.0.0.1", 0);
  if (!listener) throw std::runtime_error(listener.error().message());
  listener_ = std::move(*listener);
  acceptor_ = std::thread([this] { run(); });
}

LocalServer::~LocalServer() {
  stop_.request_stop();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

void LocalServer::run() {
  while (!stop_.stop_requested()) {
    const auto socket = listener_->accept(tunnel::deadline_after(std::chrono::seconds(10)), stop_);
    if (!socket || !*socket) continue;
    ::fcntl(**socket, F_SETFL, 0);
    threads_.emplace_back([this, connection = Connection(**socket)]() mutable { serve_(std::move(connection)); });
  }
}

void echo(Connection connection) {
  std::array<char, kBlock> block;
  for (;;) {
    const ssize_t got = ::recv(connection.socket(), block.data(), block.size(), 0);
    if (got <= 0 || !connection.send(std::string(block.data(), static_cast<std::size_t>(got)))) return;
  }
}

std::string random_bytes(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace relay::testing
