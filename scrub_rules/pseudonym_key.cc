#include "scrub_rules/pseudonym_key.h"

#include <openssl/core_names.h>

#include "relay/base/sha256.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using Digest = PseudonymKey::Digest;
using Mac = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

Mac make_mac(const void* key, std::size_t size) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  Mac mac(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr, &EVP_MAC_CTX_free);
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  const bool ready =
      mac && EVP_MAC_init(mac.get(), static_cast<const unsigned char*>(key), size, parameters.data()) == 1;
  return ready ? std::move(mac) : Mac(nullptr, &EVP_MAC_CTX_free);
}

// A context is begun anew with the key that it has, which takes no second schedule of it.
bool compute(EVP_MAC_CTX* mac, base::ByteView text, Digest& into) {
  std::size_t size = 0;
  return mac != nullptr && EVP_MAC_init(mac, nullptr, 0, nullptr) == 1 &&
         EVP_MAC_update(mac, text.data(), text.size()) == 1 &&
         EVP_MAC_final(mac, into.data(), &size, into.size()) == 1 && size == into.size();
}

base::Result<Digest> derived(const base::Secret& key, std::string_view use, std::string_view name) {
  const std::string& bytes = key.reveal();
  if (bytes.size() < PseudonymKey::kShortestKey || bytes.size() > PseudonymKey::kLongestKey) {
    return base::fail(Error(ErrorKind::configuration, "a key is shorter than 32 bytes, or longer than 4096")
                          .remedy("make one with: openssl rand -out person.key 32"));
  }
  std::string label = "binlog-relay 1 ";
  label.append(use).append(" ").append(name);
  Digest digest{};
  const Mac mac = make_mac(bytes.data(), bytes.size());
  if (!compute(mac.get(), base::ByteView::of(label), digest)) {
    return base::fail(ErrorKind::configuration, "OpenSSL cannot make an HMAC-SHA-256");
  }
  return digest;
}

}  // namespace

PseudonymKey::PseudonymKey(Mac mac, Ff1 ff1) : mac_(std::move(mac)), ff1_(std::move(ff1)), decimal_{} {
  for (std::uint32_t length = 2; length < decimal_.size(); ++length) decimal_[length] = Ff1::domain(10, length);
}

base::Result<PseudonymKey> PseudonymKey::derive(const base::Secret& key, std::string_view name) {
  RELAY_ASSIGN(Digest hash_key, derived(key, "hash", name));
  RELAY_ASSIGN(Digest permutation_key, derived(key, "permute", name));
  Mac mac = make_mac(hash_key.data(), hash_key.size());
  auto ff1 = Ff1::make({reinterpret_cast<const char*>(permutation_key.data()), permutation_key.size()});
  base::wipe_memory(hash_key.data(), hash_key.size());
  base::wipe_memory(permutation_key.data(), permutation_key.size());
  if (!ff1) return tl::unexpected(std::move(ff1).error());
  if (!mac) return base::fail(ErrorKind::configuration, "OpenSSL cannot make an HMAC-SHA-256");
  return PseudonymKey(std::move(mac), std::move(*ff1));
}

base::Result<std::string> PseudonymKey::fingerprint(const base::Secret& key, std::string_view name) {
  RELAY_ASSIGN(const Digest digest, derived(key, "fingerprint", name));
  return base::hexadecimal({digest.data(), digest.size()});
}

base::Result<Digest> PseudonymKey::digest(base::ByteView canonical) const {
  Digest digest{};
  if (!compute(mac_.get(), canonical, digest)) return base::fail(ErrorKind::unsupported, "HMAC-SHA-256 failed");
  return digest;
}

base::Result<Uint128> PseudonymKey::permute(const Ff1::Domain& domain, Uint128 value) const {
  Ff1::Halves halves;
  if (value >> 64 == 0 && domain.second_half >> 64 == 0) {
    // 128 bits take the compiler many times as long to divide.
    const auto low = static_cast<std::uint64_t>(value), second = static_cast<std::uint64_t>(domain.second_half);
    halves = {low / second, low % second};
  } else {
    halves = {value / domain.second_half, value % domain.second_half};
  }
  RELAY_ASSIGN(halves, ff1_.encrypt(domain, halves));
  return halves.first * domain.second_half + halves.second;
}

base::Result<void> PseudonymKey::permute_digits(char* digits, std::size_t count) const {
  if (count == 0) return {};
  if (count == 1) {
    Uint128 number = static_cast<Uint128>(digits[0] - '0');
    do {
      RELAY_ASSIGN(number, permute(decimal_[2], number));
    } while (number > 9);
    digits[0] = static_cast<char>('0' + static_cast<int>(number));
    return {};
  }
  const auto number = [](const char* from, std::size_t size) {
    Uint128 value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value * 10 + static_cast<unsigned>(from[i] - '0');
    return value;
  };
  const auto write = [](char* to, std::size_t size, Uint128 value) {
    for (std::size_t i = size; i > 0; --i, value /= 10)
      to[i - 1] = static_cast<char>('0' + static_cast<int>(value % 10));
  };
  const std::size_t first = count / 2;
  RELAY_ASSIGN(const Ff1::Halves halves,
               ff1_.encrypt(decimal_[count], {number(digits, first), number(digits + first, count - first)}));
  write(digits, first, halves.first);
  write(digits + first, count - first, halves.second);
  return {};
}

}  // namespace relay::scrub_rules
