#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "relay/base/result.h"

namespace relay::scrub_rules {

__extension__ using Uint128 = unsigned __int128;

// FF1 of NIST SP 800-38G: a permutation of the strings of `length` numerals of one radix, keyed by AES. Not for two
// threads at once: the cipher's context is used by every call.
class Ff1 {
 public:
  // Strings of a length whose longer half is at least 2^128 different ones are not taken: 76 decimal digits, 254 bits.
  static constexpr std::size_t kLongestDecimal = 76;
  static constexpr std::size_t kLongestTweak = 64;  // bytes

  // What is the same for all strings of one radix and length under one key. `first_half` and `second_half` are the
  // numbers of values of the halves: radix^(length / 2), radix^(length - length / 2).
  struct Domain {
    Uint128 first_half = 0;
    Uint128 second_half = 0;
    std::uint64_t first_inverse = 0;  // 2^64 - 1 divided by it, where it is below 2^64
    std::uint64_t second_inverse = 0;
    Uint128 start = 0;  // what AES makes of P, the first block of the standard, where there is no tweak
    std::uint32_t radix = 0;
    std::uint32_t length = 0;
    std::uint32_t number_bytes = 0;  // b of the standard
    std::uint32_t digest_bytes = 0;  // d of the standard
    bool usable = false;             // AES did not fail
  };
  // REQUIRES: radix 2 to 65536, length 2 or more and short enough (above). Where OpenSSL fails, encrypt() tells.
  [[nodiscard]] Domain domain(std::uint32_t radix, std::uint32_t length) const;

  // `key` is 16, 24 or 32 bytes. Errors: configuration, where it is not, or OpenSSL has no AES.
  [[nodiscard]] static base::Result<Ff1> make(std::string_view key);

  // A string as the numbers of its halves, the first of which is the more significant one.
  struct Halves {
    Uint128 first = 0;
    Uint128 second = 0;
  };
  // REQUIRES: `domain` is one of this key; each half is below its number of values; `tweak` is at most kLongestTweak
  // bytes.
  // Errors: unsupported, where OpenSSL fails.
  [[nodiscard]] base::Result<Halves> encrypt(const Domain& domain, Halves value, std::string_view tweak = {}) const;

 private:
  static constexpr std::size_t kBlockSize = 16;  // bytes
  using Block = std::array<std::uint8_t, kBlockSize>;
  using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

  explicit Ff1(Context context) : context_(std::move(context)) {}
  // A block, big-endian where it is a number. False where OpenSSL fails.
  [[nodiscard]] bool cipher(Block& bytes) const;
  [[nodiscard]] bool cipher(Uint128& block) const;
  [[nodiscard]] bool first_block(const Domain& domain, std::string_view tweak, Uint128& into) const;
  [[nodiscard]] bool prf(const Domain& domain, unsigned round, Uint128 half, std::string_view tweak,
                         Uint128& block) const;
  [[nodiscard]] bool encrypt_narrow(const Domain& domain, Halves& value) const;
  [[nodiscard]] bool number_of(const Domain& domain, Uint128 block, Uint128 modulus, Uint128& into) const;

  Context context_;
};

}  // namespace relay::scrub_rules
