#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "relay/base/mutex.h"
#include "relay/base/stop_token.h"
#include "tunnel/tcp_listener.h"

namespace relay::testing {

// A blocking TCP connection, on which nothing waits longer than half a minute.
class Connection {
 public:
  explicit Connection(int socket);
  // To 127.0.0.1; not open when nobody is there.
  static Connection to(std::uint16_t port);
  Connection(Connection&& other) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }
  // False when not all could be sent.
  bool send(const std::string& bytes) const;
  // Exactly `size` bytes, or fewer where the peer ends or nothing comes.
  [[nodiscard]] std::string receive(std::size_t size) const;
  // All up to the peer's end; `ended` tells whether that came.
  [[nodiscard]] std::string receive_all(bool* ended = nullptr) const;
  void end_sending() const;
  [[nodiscard]] int socket() const { return socket_; }

 private:
  int socket_;
};

// Accepts at a port of 127.0.0.1 and gives each connection to `serve`, in a thread of its own.
class LocalServer {
 public:
  explicit LocalServer(std::function<void(Connection)> serve);
  ~LocalServer();
  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

 private:
  void run();
  std::function<void(Connection)> serve_;
  std::unique_ptr<tunnel::TcpListener> listener_;
  base::StopToken stop_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Sends back what comes, until the end.
void echo(Connection connection);

// The same bytes for the same seed.
[[nodiscard]] std::string random_bytes(std::uint64_t seed, std::size_t size);

}  // namespace relay::testing
