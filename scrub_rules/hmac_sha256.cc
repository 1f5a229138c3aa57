// The functions of SHA-256 alone, which OpenSSL 3 has and calls deprecated: they do not fail and do not allocate.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "scrub_rules/hmac_sha256.h"

#include <algorithm>

#include "relay/base/secret.h"

namespace relay::scrub_rules {

namespace {

using Block = std::array<std::uint8_t, SHA256_CBLOCK>;

SHA256_CTX begun(const Block& key, std::uint8_t padding) {
  Block block{};
  std::ranges::transform(key, block.begin(), [padding](std::uint8_t byte) { return byte ^ padding; });
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, block.data(), block.size());
  base::wipe_memory(block.data(), block.size());
  return state;
}

}  // namespace

HmacSha256::HmacSha256(base::ByteView key) {
  Block block{};
  if (key.size() > block.size()) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, key.data(), key.size());
    SHA256_Final(block.data(), &state);
    base::wipe_memory(&state, sizeof state);
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  inner_ = begun(block, 0x36);
  outer_ = begun(block, 0x5c);
  base::wipe_memory(block.data(), block.size());
}

HmacSha256::~HmacSha256() {
  base::wipe_memory(&inner_, sizeof inner_);
  base::wipe_memory(&outer_, sizeof outer_);
}

HmacSha256::Digest HmacSha256::digest(base::ByteView text) const {
  SHA256_CTX state = inner_;
  Digest digest{};
  SHA256_Update(&state, text.data(), text.size());
  SHA256_Final(digest.data(), &state);
  state = outer_;
  SHA256_Update(&state, digest.data(), digest.size());
  SHA256_Final(digest.data(), &state);
  return digest;
}

}  // namespace relay::scrub_rules
