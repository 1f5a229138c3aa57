#pragma once

#include <memory>

#include "relay/base/buffer.h"
#include "relay/wire/answer.h"
#include "relay/wire/packet_assembler.h"
#include "relay/wire/packet_framer.h"
#include "tunnel/byte_stream.h"
#include "tunnel/tls_context.h"

namespace relay::server {

// One client's connection, as packets. One thread owns it.
class PacketChannel {
 public:
  // Before the log-in a client's message may be this long, after it that (SET @slave_connect_state and GTID sets can be
  // long).
  static constexpr std::size_t kMaximumBeforeLogin = std::size_t{64} << 10;
  static constexpr std::size_t kMaximumAfterLogin = std::size_t{16} << 20;

  PacketChannel(std::unique_ptr<tunnel::ByteStream> stream, std::chrono::milliseconds write_patience)
      : stream_(std::move(stream)),
        peer_(stream_->peer()),
        patience_(write_patience),
        assembler_(kMaximumBeforeLogin),
        out_(kMaximumOut) {}

  // The client's next message, valid until the next read; none when it has left. The packets that answer it are
  // numbered after it. Errors: io, malformed, interrupted.
  [[nodiscard]] base::Result<std::optional<base::ByteView>> read(tunnel::Deadline deadline);
  // Goes on in TLS; bytes that were already read belong to it. After an error the channel is dead: nothing but peer()
  // and shutdown() may be called.
  [[nodiscard]] base::Result<void> upgrade(std::shared_ptr<const tunnel::TlsContext> context,
                                           tunnel::Deadline deadline);
  void set_logged_in() { assembler_.set_maximum(kMaximumAfterLogin); }

  [[nodiscard]] base::Result<void> send(base::ByteView payload);
  [[nodiscard]] base::Result<void> send_ok(std::string_view info = {});
  [[nodiscard]] base::Result<void> send_error(std::uint16_t code, std::string_view sql_state, std::string_view message);
  [[nodiscard]] base::Result<void> send_eof();
  [[nodiscard]] base::Result<void> send_result(const wire::TextResult& result);

  // For the dump: frames, but does not send.
  [[nodiscard]] wire::PacketFramer& framer() { return framer_; }
  [[nodiscard]] base::Result<void> write(std::span<const base::ByteView> slices) {
    return stream_->write_all(slices, patience_);
  }
  [[nodiscard]] base::Result<void> write(base::ByteView bytes) { return write({&bytes, 1}); }

  // True when the client has sent something or left; does not wait.
  [[nodiscard]] bool something_arrived() const;
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] std::optional<tunnel::PeerCertificate> peer_certificate() const { return stream_->peer_certificate(); }
  void shutdown() {
    if (stream_) stream_->shutdown();
  }

 private:
  static constexpr std::size_t kMaximumOut = std::size_t{64} << 20;
  std::unique_ptr<tunnel::ByteStream> stream_;
  std::string peer_;
  std::chrono::milliseconds patience_;
  wire::PacketAssembler assembler_;
  wire::PacketFramer framer_;
  base::Buffer out_;
};

}  // namespace relay::server
