#include "relay/proof/made_statements.h"

#include <openssl/evp.h>

namespace relay::proof {

struct StatementDigest::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

StatementDigest::StatementDigest() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr);
}
StatementDigest::~StatementDigest() = default;

void StatementDigest::add(base::ByteView piece) {
  EVP_DigestUpdate(context_->digest.get(), piece.data(), piece.size());
}

StatementDigest::Value StatementDigest::finish() {
  Value value{};
  EVP_DigestFinal_ex(context_->digest.get(), value.data(), nullptr);
  return value;
}

void MadeStatements::add(std::string_view text) {
  StatementDigest digest;
  digest.add(base::ByteView::of(text));
  digests_.insert(digest.finish());
}

}  // namespace relay::proof
