#pragma once

#include <memory>

#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"

namespace relay::tunnel {

// A TCP connection: small packets leave at once (TCP_NODELAY), a dead peer is found by keepalive within about two
// minutes.
class TcpStream final : public ByteStream {
 public:
  // Takes over a connected socket. `stop` must outlive the stream.
  TcpStream(int socket, const base::StopToken& stop);
  ~TcpStream() override;

  [[nodiscard]] base::Result<std::size_t> read_some(std::uint8_t* into, std::size_t size, Deadline deadline) override;
  [[nodiscard]] base::Result<void> write_all(std::span<const base::ByteView> slices,
                                             std::chrono::milliseconds patience) override;
  void shutdown() override;
  [[nodiscard]] int descriptor() const override { return socket_; }
  [[nodiscard]] std::string peer() const override;

 private:
  int socket_;
  const base::StopToken& stop_;
};

}  // namespace relay::tunnel
