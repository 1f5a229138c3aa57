#include "relay/base/sha256_stream.h"

#include <openssl/evp.h>

namespace relay::base {

struct Sha256Stream::Context {
  Context() { begin(); }
  void begin() const { EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr); }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {}
Sha256Stream::Sha256Stream(Sha256Stream&& other) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&& other) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(ByteView bytes) { EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()); }

Sha256 Sha256Stream::finish() {
  Sha256 result{};
  EVP_DigestFinal_ex(context_->digest.get(), result.data(), nullptr);
  context_->begin();
  return result;
}

}  // namespace relay::base
