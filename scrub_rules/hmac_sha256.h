#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "relay/base/byte_view.h"

namespace relay::scrub_rules {

// HMAC-SHA-256 (RFC 2104, FIPS 198-1) of many texts under one key: the key's two blocks are digested once, and nothing
// is allocated for a text, where EVP_MAC copies both states into new memory each time. The states are wiped when they
// go.
class HmacSha256 {
 public:
  static constexpr std::size_t kDigestSize = 32;  // bytes
  using Digest = std::array<std::uint8_t, kDigestSize>;

  // A key of any length.
  explicit HmacSha256(base::ByteView key);
  HmacSha256(const HmacSha256&) = default;
  HmacSha256& operator=(const HmacSha256&) = default;
  ~HmacSha256();

  [[nodiscard]] Digest digest(base::ByteView text) const;

 private:
  SHA256_CTX inner_{};
  SHA256_CTX outer_{};
};

}  // namespace relay::scrub_rules
