#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/result.h"

struct ssl_ctx_st;

namespace relay::tunnel {

// PEM files. Server: certificate (with its chain) and key; `ca` set means that clients must show a certificate of that
// CA. Client: `ca` set means that the server's certificate must be of that CA; certificate and key when the server asks
// for them.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;
};

// Keys, certificates and rules of one side: TLS 1.2 and newer, no renegotiation. Immutable after its making; many
// threads may use it.
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

  std::shared_ptr<ssl_ctx_st> context_;
  std::array<std::uint8_t, 32> certificate_digest_{};
};

}  // namespace relay::tunnel
