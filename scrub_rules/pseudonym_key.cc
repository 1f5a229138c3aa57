#include "scrub_rules/pseudonym_key.h"

#include "relay/base/sha256.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using Digest = PseudonymKey::Digest;
base::Result<Digest> derived(const base::Secret& key, std::string_view use, std::string_view name) {
  const std::string& bytes = key.reveal();
  if (bytes.size() < PseudonymKey::kShortestKey || bytes.size() > PseudonymKey::kLongestKey) {
    return base::fail(Error(ErrorKind::configuration, "a key is shorter than 32 bytes, or longer than 4096")
                          .remedy("make one with: openssl rand -out person.key 32"));
  }
  std::string label = "binlog-relay 1 ";
  label.append(use).append(" ").append(name);
  return HmacSha256(base::ByteView::of(bytes)).digest(base::ByteView::of(label));
}

constexpr std::size_t kDigitsOfHalf = 19;  // fit 64 bits; the compiler divides 128 bits by a function that takes long

template <typename Number>
Number read_number(const char* digits, std::size_t count) {
  Number value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + static_cast<unsigned>(digits[i] - '0');
  return value;
}

Uint128 read_digits(const char* digits, std::size_t count) {
  if (count <= kDigitsOfHalf) return read_number<std::uint64_t>(digits, count);
  return read_number<Uint128>(digits, count);
}

void write_digits(Uint128 value, char* into, std::size_t count) {
  for (; count > kDigitsOfHalf; --count, value /= 10)
    into[count - 1] = static_cast<char>('0' + static_cast<int>(value % 10));
  for (auto rest = static_cast<std::uint64_t>(value); count > 0; --count, rest /= 10) {
    into[count - 1] = static_cast<char>('0' + rest % 10);
  }
}

}  // namespace

PseudonymKey::PseudonymKey(const HmacSha256& mac, Ff1 ff1) : mac_(mac), ff1_(std::move(ff1)), decimal_{} {
  for (std::uint32_t length = 2; length < decimal_.size(); ++length) decimal_[length] = ff1_.domain(10, length);
}

base::Result<PseudonymKey> PseudonymKey::derive(const base::Secret& key, std::string_view name) {
  RELAY_ASSIGN(Digest hash_key, derived(key, "hash", name));
  RELAY_ASSIGN(Digest permutation_key, derived(key, "permute", name));
  const HmacSha256 mac({hash_key.data(), hash_key.size()});
  auto ff1 = Ff1::make({reinterpret_cast<const char*>(permutation_key.data()), permutation_key.size()});
  base::wipe_memory(hash_key.data(), hash_key.size());
  base::wipe_memory(permutation_key.data(), permutation_key.size());
  if (!ff1) return tl::unexpected(std::move(ff1).error());
  return PseudonymKey(mac, std::move(*ff1));
}

base::Result<std::string> PseudonymKey::fingerprint(const base::Secret& key, std::string_view name) {
  RELAY_ASSIGN(const Digest digest, derived(key, "fingerprint", name));
  return base::hexadecimal({digest.data(), digest.size()});
}

base::Result<Uint128> PseudonymKey::permute(const Ff1::Domain& domain, Uint128 value) const {
  const std::uint32_t bits = domain.length - domain.length / 2;  // of the second half
  RELAY_ASSIGN(const Ff1::Halves halves, ff1_.encrypt(domain, {value >> bits, value & (domain.second_half - 1)}));
  return halves.first << bits | halves.second;
}

base::Result<void> PseudonymKey::permute_digits(char* digits, std::size_t count) const {
  if (count == 0) return {};
  if (count == 1) {
    Uint128 number = static_cast<Uint128>(digits[0] - '0');
    do {
      RELAY_ASSIGN(const Ff1::Halves halves, ff1_.encrypt(decimal_[2], {number / 10, number % 10}));
      number = halves.first * 10 + halves.second;
    } while (number > 9);
    digits[0] = static_cast<char>('0' + static_cast<int>(number));
    return {};
  }
  const std::size_t first = count / 2;
  RELAY_ASSIGN(const Ff1::Halves halves,
               ff1_.encrypt(decimal_[count], {read_digits(digits, first), read_digits(digits + first, count - first)}));
  write_digits(halves.first, digits, first);
  write_digits(halves.second, digits + first, count - first);
  return {};
}

}  // namespace relay::scrub_rules
