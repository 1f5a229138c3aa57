#pragma once

#include <memory>
#include <string>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"

struct evp_pkey_st;

namespace relay::wire {

// The key pair with which clients without TLS send a password (caching_sha2_password): made at the start, never stored.
// Immutable; any thread may use it.
class RsaKey {
 public:
  // 2048 bits. Errors: io when the library cannot make one.
  [[nodiscard]] static base::Result<std::shared_ptr<const RsaKey>> generate();

  // PEM, as it goes to clients.
  [[nodiscard]] const std::string& public_key() const { return public_key_; }
  // Opens OAEP. Any failure gives an empty secret, at no other speed than a wrong password.
  [[nodiscard]] base::Secret decrypt(base::ByteView cipher) const;

 private:
  RsaKey() = default;
  std::shared_ptr<evp_pkey_st> key_;
  std::string public_key_;
};

}  // namespace relay::wire
