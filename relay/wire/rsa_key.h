#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "relay/base/byte_view.h"
#include "relay/base/secret.h"

struct evp_pkey_st;

namespace relay::wire {

// The key pair with which clients without TLS send a password (caching_sha2_password): 2048 bits, never stored, made
// when the first client needs it. Few do, since who has the right password proves it without, and a relay that starts
// again is to serve at once. Any thread may use it.
class RsaKey {
 public:
  // PEM, as it goes to clients; empty where the library cannot make a key.
  [[nodiscard]] const std::string& public_key() const { return pair().public_key; }
  // Opens OAEP. Any failure gives an empty secret, at no other speed than a wrong password.
  [[nodiscard]] base::Secret decrypt(base::ByteView cipher) const;

 private:
  struct Pair {
    std::shared_ptr<evp_pkey_st> key;
    std::string public_key;
  };
  [[nodiscard]] const Pair& pair() const;
  static Pair make();

  mutable std::once_flag made_;
  mutable Pair pair_;
};

}  // namespace relay::wire
