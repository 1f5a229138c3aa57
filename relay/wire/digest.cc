#include "relay/wire/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace relay::wire {

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> digest(const EVP_MD* kind, std::initializer_list<base::ByteView> parts) {
  std::array<std::uint8_t, N> result{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), kind, nullptr);
  for (const base::ByteView part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  return result;
}

}  // namespace

Sha1 sha1(std::initializer_list<base::ByteView> parts) { return digest<20>(EVP_sha1(), parts); }
Sha256 sha256(std::initializer_list<base::ByteView> parts) { return digest<32>(EVP_sha256(), parts); }

bool equal_in_constant_time(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace relay::wire
