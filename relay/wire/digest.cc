#include "relay/wire/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace relay::wire {

Sha1 sha1(std::initializer_list<base::ByteView> parts) {
  Sha1 result{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr);
  for (const base::ByteView part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  return result;
}

bool equal_in_constant_time(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace relay::wire
