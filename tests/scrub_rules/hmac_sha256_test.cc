#include "scrub_rules/hmac_sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>

#include "declared_column.h"

namespace relay::scrub_rules {
namespace {

std::string digest_of(std::string_view key, std::string_view text) {
  const HmacSha256::Digest digest = HmacSha256(base::ByteView::of(key)).digest(base::ByteView::of(text));
  return testing::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST_CASE("hmac_sha256: agrees with the test cases of RFC 4231", "[scrub_rules]") {
  CHECK(digest_of(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(digest_of("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(digest_of(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("hmac_sha256: agrees with OpenSSL's HMAC on keys and texts around the size of a block", "[scrub_rules]") {
  for (const std::size_t key_size : {1U, 32U, 63U, 64U, 65U, 4096U}) {
    const std::string key(key_size, 'k');
    const HmacSha256 made(base::ByteView::of(key));
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text(size, 't');
      HmacSha256::Digest expected{};
      unsigned written = 0;
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), expected.data(), &written);
      REQUIRE(made.digest(base::ByteView::of(text)) == expected);
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
