#include "tunnel/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "tunnel/certificate_facts.h"

namespace relay::tunnel {

namespace {

constexpr std::size_t kRecordSize = 16384;  // RFC 8446, 5.1: the most that one record holds
constexpr std::chrono::milliseconds kHandshakePatience{10000};

base::Error tls_error(base::FixedText what) {
  ERR_clear_error();
  return base::Error(base::ErrorKind::peer, what);
}

// Why a handshake failed, in OpenSSL's own fixed words.
base::Error handshake_error(const SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  const char* const reason =
      verified != X509_V_OK ? X509_verify_cert_error_string(verified) : ERR_reason_error_string(ERR_peek_last_error());
  return tls_error("the TLS handshake failed").about(reason != nullptr ? reason : "");
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<ByteStream> lower)
    : context_(std::move(context)),
      lower_(std::move(lower)),
      ssl_(SSL_new(context_->native())),
      small_(2 * kRecordSize) {
  incoming_ = BIO_new(BIO_s_mem());
  outgoing_ = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_, incoming_, outgoing_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

base::Result<std::unique_ptr<ByteStream>> TlsStream::accept(std::shared_ptr<const TlsContext> context,
                                                            std::unique_ptr<ByteStream> lower,
                                                            base::ByteView already_read, Deadline deadline) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(lower)));
  SSL_set_accept_state(stream->ssl_);
  if (!already_read.empty()) BIO_write(stream->incoming_, already_read.data(), static_cast<int>(already_read.size()));
  RELAY_TRY(stream->handshake(deadline));
  return std::unique_ptr<ByteStream>(std::move(stream));
}

base::Result<std::unique_ptr<ByteStream>> TlsStream::connect(std::shared_ptr<const TlsContext> context,
                                                             std::unique_ptr<ByteStream> lower, Deadline deadline) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(lower)));
  SSL_set_connect_state(stream->ssl_);
  RELAY_TRY(stream->handshake(deadline));
  return std::unique_ptr<ByteStream>(std::move(stream));
}

base::Result<void> TlsStream::handshake(Deadline deadline) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    const int reason = SSL_get_error(ssl_, done);
    // Also after a failure: the alert tells the peer why.
    RELAY_TRY(send_pending(kHandshakePatience));
    if (done == 1) return {};
    if (reason != SSL_ERROR_WANT_READ) return base::fail(handshake_error(ssl_));
    RELAY_ASSIGN(const bool more, take_more(deadline));
    if (!more) return base::fail(tls_error("the peer left during the TLS handshake"));
  }
}

base::Result<bool> TlsStream::take_more(Deadline deadline) {
  std::array<std::uint8_t, kRecordSize> block;
  RELAY_ASSIGN(const std::size_t got, lower_->read_some(block.data(), block.size(), deadline));
  if (got == 0) return false;
  if (BIO_write(incoming_, block.data(), static_cast<int>(got)) != static_cast<int>(got)) {
    return base::fail(tls_error("cannot take in TLS records"));
  }
  return true;
}

base::Result<void> TlsStream::send_pending(std::chrono::milliseconds patience) {
  char* memory = nullptr;
  const long size = BIO_get_mem_data(outgoing_, &memory);
  if (size <= 0) return {};
  const std::array<base::ByteView, 1> slices{
      base::ByteView(reinterpret_cast<const std::uint8_t*>(memory), static_cast<std::size_t>(size))};
  auto written = lower_->write_all(slices, patience);
  static_cast<void>(BIO_reset(outgoing_));
  return written;
}

base::Result<std::size_t> TlsStream::read_some(std::uint8_t* into, std::size_t size, Deadline deadline) {
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(ssl_, into, static_cast<int>(std::min(size, kRecordSize)));
    if (got > 0) return static_cast<std::size_t>(got);
    const int reason = SSL_get_error(ssl_, got);
    if (reason == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    if (reason != SSL_ERROR_WANT_READ) return base::fail(tls_error("the TLS stream is broken"));
    // A key update has to be answered.
    RELAY_TRY(send_pending(kHandshakePatience));
    RELAY_ASSIGN(const bool more, take_more(deadline));
    // Cut off without the closing alert: not an end to trust, but the protocol above knows where its packets end.
    if (!more) return std::size_t{0};
  }
}

base::Result<void> TlsStream::write_part(base::ByteView part, std::chrono::milliseconds patience) {
  while (!part.empty()) {
    const base::ByteView record = part.sub(0, kRecordSize);
    ERR_clear_error();
    if (SSL_write(ssl_, record.data(), static_cast<int>(record.size())) <= 0) {
      return base::fail(tls_error("cannot write TLS records"));
    }
    part = part.sub(record.size());
    if (BIO_pending(outgoing_) >= static_cast<int>(4 * kRecordSize)) RELAY_TRY(send_pending(patience));
  }
  return {};
}

base::Result<void> TlsStream::write_all(std::span<const base::ByteView> slices, std::chrono::milliseconds patience) {
  small_.clear();
  for (const base::ByteView slice : slices) {
    if (slice.size() + small_.size() <= kRecordSize) {
      small_.append(slice);
      continue;
    }
    RELAY_TRY(write_part(small_.view(), patience));
    small_.clear();
    RELAY_TRY(write_part(slice, patience));
  }
  RELAY_TRY(write_part(small_.view(), patience));
  return send_pending(patience);
}

void TlsStream::shutdown() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
  static_cast<void>(send_pending(std::chrono::milliseconds(100)));
  lower_->shutdown();
}

std::optional<PeerCertificate> TlsStream::peer_certificate() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_), X509_free);
  if (!shown || SSL_get_verify_result(ssl_) != X509_V_OK) return std::nullopt;
  return owner_of(*shown);
}

bool TlsStream::has_unread() const { return SSL_pending(ssl_) > 0 || BIO_pending(incoming_) > 0; }

}  // namespace relay::tunnel
