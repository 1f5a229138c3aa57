#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"
#include "scrub_rules/ff1.h"

namespace relay::scrub_rules {

// What pseudonyms are made with: two keys that are derived from an operator's key and its name, so that keys of other
// names give other pseudonyms even where their bytes are the same (docs/pseudonyms.md). Not for two threads at once.
class PseudonymKey {
 public:
  static constexpr std::size_t kDigestSize = 32;    // bytes
  static constexpr std::size_t kShortestKey = 32;   // bytes of the operator's key
  static constexpr std::size_t kLongestKey = 4096;  // bytes
  using Digest = std::array<std::uint8_t, kDigestSize>;

  // Errors: configuration, where the key is too short or too long, or OpenSSL cannot do it.
  [[nodiscard]] static base::Result<PseudonymKey> derive(const base::Secret& key, std::string_view name);
  // What tells two keys of one name apart and tells nothing of them: 64 hex digits.
  [[nodiscard]] static base::Result<std::string> fingerprint(const base::Secret& key, std::string_view name);

  // HMAC-SHA-256 of a canonical form. Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<Digest> digest(base::ByteView canonical) const;
  // Permutes the numbers below 2^bits; `bits` is 2 to 128. Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<Uint128> permute(const Ff1::Domain& domain, Uint128 value) const;
  // Permutes `digits`, ASCII digits, in place. REQUIRES: at most Ff1::kLongestDecimal of them. One digit is permuted as
  // 01 is among 00 to 99 until a number below 10 is met. Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<void> permute_digits(char* digits, std::size_t count) const;

 private:
  using Mac = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
  PseudonymKey(Mac mac, Ff1 ff1);

  Mac mac_;
  Ff1 ff1_;
  std::array<Ff1::Domain, Ff1::kLongestDecimal + 1> decimal_;  // by length, from 2
};

}  // namespace relay::scrub_rules
