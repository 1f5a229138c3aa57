#include "relay/base/sha256.h"

#include <openssl/evp.h>

#include <memory>

namespace relay::base {

Sha256 sha256(std::initializer_list<ByteView> parts) {
  Sha256 result{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const ByteView part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  return result;
}

std::string hexadecimal(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xf];
  }
  return hex;
}

std::string sha256_hex(std::initializer_list<ByteView> parts) {
  const Sha256 digest = sha256(parts);
  return hexadecimal({digest.data(), digest.size()});
}

}  // namespace relay::base
