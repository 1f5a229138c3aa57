#include "scrub_rules/ff1.h"

#include <endian.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace relay::scrub_rules {

namespace {

constexpr unsigned kRounds = 10;

Uint128 power(std::uint32_t base, std::uint32_t exponent) {
  Uint128 product = 1;
  for (std::uint32_t i = 0; i < exponent; ++i) product *= base;
  return product;
}

std::uint64_t inverse_of(Uint128 values) {
  return values >> 64 == 0 ? UINT64_MAX / static_cast<std::uint64_t>(values) : 0;
}

// Bytes that hold every number below `values`.
std::uint32_t bytes_below(Uint128 values) {
  std::uint32_t bytes = 0;
  for (Uint128 largest = values - 1; largest != 0; largest >>= 8) ++bytes;
  return bytes;
}

Uint128 get_block(const std::uint8_t* from) {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), from, sizeof words);
  return Uint128{be64toh(words[0])} << 64 | be64toh(words[1]);
}

// Written as one: AES reads the block whole, and would wait for two halves.
void put_block(Uint128 block, std::uint8_t* into) {
  using Words [[gnu::vector_size(16)]] = std::uint64_t;
  const Words words = {htobe64(static_cast<std::uint64_t>(block >> 64)), htobe64(static_cast<std::uint64_t>(block))};
  std::memcpy(into, &words, sizeof words);
}

// (a + b) % modulus, both below the modulus.
Uint128 add_below(Uint128 a, Uint128 b, Uint128 modulus) { return a >= modulus - b ? a - (modulus - b) : a + b; }

}  // namespace

Ff1::Domain Ff1::domain(std::uint32_t radix, std::uint32_t length) const {
  Domain domain;
  domain.radix = radix;
  domain.length = length;
  domain.first_half = power(radix, length / 2);
  domain.second_half = power(radix, length - length / 2);
  domain.first_inverse = inverse_of(domain.first_half);
  domain.second_inverse = inverse_of(domain.second_half);
  domain.number_bytes = bytes_below(domain.second_half);
  domain.digest_bytes = 4 * ((domain.number_bytes + 3) / 4) + 4;
  domain.usable = first_block(domain, {}, domain.start);
  return domain;
}

base::Result<Ff1> Ff1::make(std::string_view key) {
  const EVP_CIPHER* const aes = key.size() == 16   ? EVP_aes_128_ecb()
                                : key.size() == 24 ? EVP_aes_192_ecb()
                                : key.size() == 32 ? EVP_aes_256_ecb()
                                                   : nullptr;
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool ready = aes != nullptr && context &&
                     EVP_EncryptInit_ex2(context.get(), aes, reinterpret_cast<const unsigned char*>(key.data()),
                                         nullptr, nullptr) == 1 &&
                     EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1;
  if (!ready) return base::fail(base::ErrorKind::configuration, "AES cannot be used with a key");
  return Ff1(std::move(context));
}

bool Ff1::cipher(Block& bytes) const {
  int written = 0;
  constexpr int kSize = static_cast<int>(kBlockSize);
  return EVP_EncryptUpdate(context_.get(), bytes.data(), &written, bytes.data(), kSize) == 1 && written == kSize;
}

bool Ff1::cipher(Uint128& block) const {
  Block bytes;
  put_block(block, bytes.data());
  const bool done = cipher(bytes);
  block = get_block(bytes.data());
  return done;
}

// What the PRF of the standard makes of P, the block that is the same in every round: [1][2][1][radix, 3 bytes][10]
// [length / 2 mod 256][length, 4 bytes][bytes of the tweak, 4 bytes].
bool Ff1::first_block(const Domain& domain, std::string_view tweak, Uint128& into) const {
  const std::uint64_t high = std::uint64_t{0x010201} << 40 | std::uint64_t{domain.radix} << 16 |
                             std::uint64_t{kRounds} << 8 | (domain.length / 2 & 0xffU);
  into = Uint128{high} << 64 | Uint128{domain.length} << 32 | tweak.size();
  return cipher(into);
}

// PRF(P || Q), from what the PRF makes of P. Q is the tweak, zeros, the round and the number of a half.
bool Ff1::prf(const Domain& domain, unsigned round, Uint128 half, std::string_view tweak, Uint128& block) const {
  if (tweak.empty() && domain.number_bytes < kBlockSize) {
    block ^= Uint128{round} << (8 * domain.number_bytes) | half;
    return cipher(block);
  }
  std::array<std::uint8_t, kLongestTweak + 2 * kBlockSize> text{};
  const std::size_t size = (tweak.size() + domain.number_bytes + kBlockSize) / kBlockSize * kBlockSize;
  std::copy(tweak.begin(), tweak.end(), text.begin());
  std::size_t at = size;
  for (; at > size - domain.number_bytes; half >>= 8) text[--at] = static_cast<std::uint8_t>(half);
  text[at - 1] = static_cast<std::uint8_t>(round);
  bool done = true;
  for (at = 0; at < size; at += kBlockSize) {
    block ^= get_block(text.data() + at);
    done = done && cipher(block);
  }
  return done;
}

// The first bytes of what the PRF says, and of further blocks where it takes more than one, modulo `modulus`.
bool Ff1::number_of(const Domain& domain, Uint128 block, Uint128 modulus, Uint128& into) const {
  const std::size_t bits = std::size_t{8} * domain.digest_bytes;
  if (bits <= 128) {
    into = (block >> (128 - bits)) % modulus;
    return true;
  }
  Uint128 second = block ^ 1;
  if (!cipher(second)) return false;
  into = block % modulus;
  for (std::size_t bit = 127; bit >= 256 - bits; --bit) {
    into = add_below(into, into, modulus);
    into = add_below(into, (second >> bit & 1U) % modulus, modulus);
  }
  return true;
}

// The same rounds without a tweak, where a half has four bytes at most, and so the number that the PRF says has eight:
// the compiler takes longer for a round of 128 bits than AES.
bool Ff1::encrypt_narrow(const Domain& domain, Halves& value) const {
  struct Half {
    std::uint64_t number, values, inverse;
    // Adds another number. Dividing it takes as long as half of AES.
    void add(std::uint64_t other, bool binary) {
      const auto quotient = static_cast<std::uint64_t>(Uint128{other} * inverse >> 64);  // or one less
      std::uint64_t rest = binary ? other & (values - 1) : other - quotient * values;
      if (rest >= values) rest -= values;
      number += rest;
      if (number >= values) number -= values;
    }
  };
  Half first{static_cast<std::uint64_t>(value.first), static_cast<std::uint64_t>(domain.first_half),
             domain.first_inverse};
  Half second{static_cast<std::uint64_t>(value.second), static_cast<std::uint64_t>(domain.second_half),
              domain.second_inverse};
  bool done = true;
  for (unsigned round = 0; done && round < kRounds; ++round) {
    Block bytes;
    put_block(domain.start ^ (std::uint64_t{round} << (8 * domain.number_bytes) | second.number), bytes.data());
    done = cipher(bytes);
    first.add(static_cast<std::uint64_t>(get_block(bytes.data()) >> 64), domain.radix == 2);
    std::swap(first, second);
  }
  value = {first.number, second.number};
  return done;
}

base::Result<Ff1::Halves> Ff1::encrypt(const Domain& domain, Halves value, std::string_view tweak) const {
  constexpr std::uint32_t kNarrow = 4;  // bytes
  Uint128 first = domain.start;
  bool done = domain.usable && (tweak.empty() || first_block(domain, tweak, first));
  if (done && tweak.empty() && domain.number_bytes <= kNarrow) {
    done = encrypt_narrow(domain, value);
  } else {
    for (unsigned round = 0; done && round < kRounds; ++round) {
      const Uint128 modulus = round % 2 == 0 ? domain.first_half : domain.second_half;
      Uint128 block = first, number = 0;
      done = prf(domain, round, value.second, tweak, block) && number_of(domain, block, modulus, number);
      value.first = std::exchange(value.second, add_below(value.first, number, modulus));
    }
  }
  if (!done) return base::fail(base::ErrorKind::unsupported, "AES failed");
  return value;
}

}  // namespace relay::scrub_rules
