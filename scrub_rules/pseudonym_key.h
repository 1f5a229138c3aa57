#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"
#include "scrub_rules/ff1.h"
#include "scrub_rules/hmac_sha256.h"

namespace relay::scrub_rules {

// What pseudonyms are made with: two keys that are derived from an operator's key and its name, so that keys of other
// names give other pseudonyms even where their bytes are the same (docs/pseudonyms.md). Not for two threads at once.
class PseudonymKey {
 public:
  static constexpr std::size_t kShortestKey = 32;   // bytes of the operator's key
  static constexpr std::size_t kLongestKey = 4096;  // bytes
  using Digest = HmacSha256::Digest;

  // Errors: configuration, where the key is too short or too long, or OpenSSL cannot do it.
  [[nodiscard]] static base::Result<PseudonymKey> derive(const base::Secret& key, std::string_view name);
  // What tells two keys of one name apart and tells nothing of them: 64 hex digits.
  [[nodiscard]] static base::Result<std::string> fingerprint(const base::Secret& key, std::string_view name);

  // HMAC-SHA-256 of a canonical form.
  [[nodiscard]] Digest digest(base::ByteView canonical) const { return mac_.digest(canonical); }
  // The numbers below 2^bits; `bits` is 2 to 128.
  [[nodiscard]] Ff1::Domain binary(std::uint32_t bits) const { return ff1_.domain(2, bits); }
  // Permutes the numbers of binary(). Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<Uint128> permute(const Ff1::Domain& domain, Uint128 value) const;
  // Permutes `digits`, ASCII digits, in place. REQUIRES: at most Ff1::kLongestDecimal of them. One digit is permuted as
  // 01 is among 00 to 99 until a number below 10 is met. Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<void> permute_digits(char* digits, std::size_t count) const;

 private:
  PseudonymKey(const HmacSha256& mac, Ff1 ff1);

  HmacSha256 mac_;
  Ff1 ff1_;
  std::array<Ff1::Domain, Ff1::kLongestDecimal + 1> decimal_;  // by length, from 2
};

}  // namespace relay::scrub_rules
