#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/mutex.h"
#include "relay/base/result.h"

struct ssl_ctx_st;

namespace relay::tunnel {

// PEM files. Server: certificate (with its chain) and key; `ca` set means that clients must show a certificate of that
// CA, and `crl` that it must not stand in that list. Client: `ca` set means that the server's certificate must be of
// that CA; certificate and key when the server asks for them.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;
  std::string crl = {};
};

// Keys, certificates and rules of one side: TLS 1.2 and newer, of 1.2 only suites with forward secrecy and
// authenticated encryption, no renegotiation. Immutable after its making; many threads may use it.
class TlsContext {
 public:
  // Errors: configuration, naming the file.
  [[nodiscard]] static base::Result<std::shared_ptr<const TlsContext>> server(const TlsFiles& files);
  [[nodiscard]] static base::Result<std::shared_ptr<const TlsContext>> client(const TlsFiles& files);

  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }
  // SHA-256 of the own certificate in DER; zeros when there is none.
  [[nodiscard]] const std::array<std::uint8_t, 32>& certificate_digest() const { return certificate_digest_; }

 private:
  TlsContext() = default;
  [[nodiscard]] base::Result<void> load(const TlsFiles& files);
  [[nodiscard]] base::Result<void> load_revoked(const std::string& file);

  std::shared_ptr<ssl_ctx_st> context_;
  std::array<std::uint8_t, 32> certificate_digest_{};
};

// A server's context that is made again when its files have changed. Any thread may call it.
class RenewableTls {
 public:
  // Errors: as TlsContext::server().
  [[nodiscard]] static base::Result<std::shared_ptr<RenewableTls>> make(TlsFiles files);
  // For the next handshake; those that are under way, and streams that are open, keep theirs.
  [[nodiscard]] std::shared_ptr<const TlsContext> current() const;
  // Reads the files again. Errors: as TlsContext::server(); what was in force stays.
  [[nodiscard]] base::Result<void> renew();

 private:
  RenewableTls(TlsFiles files, std::shared_ptr<const TlsContext> context)
      : files_(std::move(files)), context_(std::move(context)) {}

  const TlsFiles files_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const TlsContext> context_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::tunnel
