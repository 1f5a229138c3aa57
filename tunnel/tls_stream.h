#pragma once

#include <memory>

#include "relay/base/buffer.h"
#include "tunnel/byte_stream.h"
#include "tunnel/tls_context.h"

struct ssl_st;
struct bio_st;

namespace relay::tunnel {

// TLS over any other stream, which it owns. OpenSSL works on memory; waiting and stopping are the lower stream's.
class TlsStream final : public ByteStream {
 public:
  // Does the handshake as server. `already_read` are bytes that the peer sent behind what made us change to TLS: they
  // are the start of its handshake, never clear text. On an error the lower stream is gone.
  [[nodiscard]] static base::Result<std::unique_ptr<ByteStream>> accept(std::shared_ptr<const TlsContext> context,
                                                                        std::unique_ptr<ByteStream> lower,
                                                                        base::ByteView already_read, Deadline deadline);
  // Does the handshake as client.
  [[nodiscard]] static base::Result<std::unique_ptr<ByteStream>> connect(std::shared_ptr<const TlsContext> context,
                                                                         std::unique_ptr<ByteStream> lower,
                                                                         Deadline deadline);
  ~TlsStream() override;

  [[nodiscard]] base::Result<std::size_t> read_some(std::uint8_t* into, std::size_t size, Deadline deadline) override;
  [[nodiscard]] base::Result<void> write_all(std::span<const base::ByteView> slices,
                                             std::chrono::milliseconds patience) override;
  void shutdown() override;
  [[nodiscard]] int descriptor() const override { return lower_->descriptor(); }
  [[nodiscard]] bool has_unread() const override;
  [[nodiscard]] std::string peer() const override { return lower_->peer(); }
  [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const override;

 private:
  TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<ByteStream> lower);
  [[nodiscard]] base::Result<void> handshake(Deadline deadline);
  [[nodiscard]] base::Result<bool> take_more(Deadline deadline);
  [[nodiscard]] base::Result<void> send_pending(std::chrono::milliseconds patience);
  [[nodiscard]] base::Result<void> write_part(base::ByteView part, std::chrono::milliseconds patience);

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<ByteStream> lower_;
  ssl_st* ssl_ = nullptr;
  bio_st* incoming_ = nullptr;  // owned by ssl_
  bio_st* outgoing_ = nullptr;  // owned by ssl_
  base::Buffer small_;          // small slices wait here, so that they share a record
};

}  // namespace relay::tunnel
