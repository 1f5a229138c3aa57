#pragma once

#include <memory>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"

namespace relay::tunnel {

// A listening TCP socket. One thread owns it.
class TcpListener {
 public:
  // Port 0 takes any free one. Errors: configuration (no such address), io (EADDRINUSE ...).
  [[nodiscard]] static base::Result<std::unique_ptr<TcpListener>> listen(const std::string& host, std::uint16_t port);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  // The next connection's socket, which the caller owns; none at the deadline. Errors: io, interrupted.
  [[nodiscard]] base::Result<std::optional<int>> accept(Deadline deadline, const base::StopToken& stop);
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  TcpListener(int socket, std::uint16_t port) : socket_(socket), port_(port) {}
  int socket_;
  std::uint16_t port_;
};

}  // namespace relay::tunnel
