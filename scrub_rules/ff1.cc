#include "scrub_rules/ff1.h"

#include <algorithm>
#include <utility>

namespace relay::scrub_rules {

namespace {

constexpr unsigned kRounds = 10;

Uint128 power(std::uint32_t base, std::uint32_t exponent) {
  Uint128 product = 1;
  for (std::uint32_t i = 0; i < exponent; ++i) product *= base;
  return product;
}

// Bytes that hold every number below `values`.
std::uint32_t bytes_below(Uint128 values) {
  std::uint32_t bytes = 0;
  for (Uint128 largest = values - 1; largest != 0; largest >>= 8) ++bytes;
  return bytes;
}

void put_big_endian(std::uint8_t* into, Uint128 value, std::size_t width) {
  for (std::size_t i = width; i > 0; --i, value >>= 8) into[i - 1] = static_cast<std::uint8_t>(value);
}

// (a + b) % modulus, both below the modulus.
Uint128 add_below(Uint128 a, Uint128 b, Uint128 modulus) { return a >= modulus - b ? a - (modulus - b) : a + b; }

// The bytes, at most 20, as one big-endian number, modulo `modulus`.
Uint128 remainder_of(const std::uint8_t* bytes, std::size_t size, Uint128 modulus) {
  if (size <= 16) {
    Uint128 number = 0;
    for (std::size_t i = 0; i < size; ++i) number = number << 8 | bytes[i];
    if ((modulus & (modulus - 1)) == 0) return number & (modulus - 1);
    // Dividing 64 bits takes a fraction of the time.
    const bool small = size <= 8 && modulus <= UINT64_MAX;
    return small ? static_cast<std::uint64_t>(number) % static_cast<std::uint64_t>(modulus) : number % modulus;
  }
  Uint128 rest = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (int bit = 0; bit < 8; ++bit) rest = add_below(rest, rest, modulus);
    rest = add_below(rest, bytes[i] % modulus, modulus);
  }
  return rest;
}

}  // namespace

Ff1::Domain Ff1::domain(std::uint32_t radix, std::uint32_t length) {
  Domain domain;
  domain.radix = radix;
  domain.length = length;
  domain.first_half = power(radix, length / 2);
  domain.second_half = power(radix, length - length / 2);
  domain.number_bytes = bytes_below(domain.second_half);
  domain.digest_bytes = 4 * ((domain.number_bytes + 3) / 4) + 4;
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

bool Ff1::cipher(Block& block) const {
  int written = 0;
  return EVP_EncryptUpdate(context_.get(), block.data(), &written, block.data(), static_cast<int>(block.size())) == 1 &&
         written == static_cast<int>(block.size());
}

// What the PRF of the standard makes of P, the block that is the same in every round.
bool Ff1::first_block(const Domain& domain, std::string_view tweak, Block& into) const {
  into = {1, 2, 1};
  put_big_endian(into.data() + 3, domain.radix, 3);
  into[6] = kRounds;
  into[7] = static_cast<std::uint8_t>(domain.length / 2);
  put_big_endian(into.data() + 8, domain.length, 4);
  put_big_endian(into.data() + 12, tweak.size(), 4);
  return cipher(into);
}

// PRF(P || Q), from what the PRF makes of P, and as many further blocks as the digest needs.
bool Ff1::digest(const Domain& domain, Block block, unsigned round, Uint128 half, std::string_view tweak,
                 std::array<std::uint8_t, 32>& into) const {
  bool done = true;
  std::array<std::uint8_t, kLongestTweak + 32> text{};
  const std::size_t end = tweak.size() + 1 + domain.number_bytes;
  const std::size_t size = (end + 15) / 16 * 16;
  std::copy(tweak.begin(), tweak.end(), text.begin());
  text[size - domain.number_bytes - 1] = static_cast<std::uint8_t>(round);
  put_big_endian(text.data() + size - domain.number_bytes, half, domain.number_bytes);
  for (std::size_t at = 0; at < size; at += block.size()) {
    for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= text[at + i];
    done = done && cipher(block);
  }
  std::copy(block.begin(), block.end(), into.begin());
  if (domain.digest_bytes > block.size()) {
    block.back() ^= 1;
    done = done && cipher(block);
    std::copy(block.begin(), block.end(), into.begin() + static_cast<std::ptrdiff_t>(block.size()));
  }
  return done;
}

// The rounds where a half and a digest are 64 bits at most and there is no tweak, as with numbers of up to 64 bits: then
// Q is one block, of which most is zeros.
bool Ff1::short_rounds(const Domain& domain, const Block& first, Halves& value) const {
  auto a = static_cast<std::uint64_t>(value.first);
  auto b = static_cast<std::uint64_t>(value.second);
  bool done = true;
  for (unsigned round = 0; round < kRounds; ++round) {
    Block block = first;
    const std::size_t last = block.size() - 1;
    block[last - domain.number_bytes] ^= static_cast<std::uint8_t>(round);
    for (std::size_t i = 0; i < domain.number_bytes; ++i) block[last - i] ^= static_cast<std::uint8_t>(b >> (8 * i));
    done = done && cipher(block);
    std::uint64_t digest = 0;
    for (std::size_t i = 0; i < sizeof digest; ++i) digest = digest << 8 | block[i];
    const auto modulus = static_cast<std::uint64_t>(round % 2 == 0 ? domain.first_half : domain.second_half);
    const bool power_of_two = (modulus & (modulus - 1)) == 0;
    const std::uint64_t rest = power_of_two ? digest & (modulus - 1) : digest % modulus;
    const std::uint64_t next = a >= modulus - rest ? a - (modulus - rest) : a + rest;
    a = std::exchange(b, next);
  }
  value = {a, b};
  return done;
}

base::Result<Ff1::Halves> Ff1::encrypt(const Domain& domain, Halves value, std::string_view tweak) const {
  std::array<std::uint8_t, 32> bytes{};
  Block first{};
  bool done = first_block(domain, tweak, first);
  const bool is_short = tweak.empty() && domain.digest_bytes == sizeof(std::uint64_t);
  if (is_short) done = done && short_rounds(domain, first, value);
  if (!done) return base::fail(base::ErrorKind::unsupported, "AES failed");
  if (is_short) return value;
  for (unsigned round = 0; round < kRounds; ++round) {
    if (!digest(domain, first, round, value.second, tweak, bytes)) {
      return base::fail(base::ErrorKind::unsupported, "AES failed");
    }
    const Uint128 modulus = round % 2 == 0 ? domain.first_half : domain.second_half;
    const Uint128 next = add_below(value.first, remainder_of(bytes.data(), domain.digest_bytes, modulus), modulus);
    value.first = std::exchange(value.second, next);
  }
  return value;
}

}  // namespace relay::scrub_rules
