#include <catch2/catch.hpp>

#include "relay/wire/password_proof.h"
#include "relay/wire/rsa_key.h"

using relay::base::ByteView;
using namespace relay::wire;

namespace {

template <typename Digest>
std::string hex(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Scramble counting_scramble() {
  Scramble scramble;
  for (std::size_t i = 0; i < scramble.size(); ++i) scramble[i] = static_cast<std::uint8_t>('a' + i);
  return scramble;
}

}  // namespace

// The vectors were computed with Python's hashlib from the plugins' documented formulas.
TEST_CASE("password_proof: proofs are those of the plugins' formulas", "[wire]") {
  CHECK(hex(native_proof("secret", counting_scramble())) == "8817c50fa779daef010ee7577825b0847df9842e");
  CHECK(hex(sha2_proof("secret", counting_scramble())) ==
        "c76e2898612a4cf042c77fa8c4702c4c64c0c2c557c53c4d75595aaa6abae809");
  Sha256 certificate;
  certificate.fill(7);
  CHECK(certificate_proof("secret", counting_scramble(), certificate) ==
        std::string("\x01"
                    "6FB0B1160A82264D576E921366694675D302414F89A0A39A0DB1641CD9AC75BA"));
}

TEST_CASE("password_proof: only the right proof for the right scramble fits", "[wire]") {
  const Scramble scramble = counting_scramble();
  Scramble other = scramble;
  other[19] ^= 1;
  const Sha1 native = native_proof("secret", scramble);
  const Sha256 sha2 = sha2_proof("secret", scramble);
  CHECK(native_proof_fits(view_of(native), "secret", scramble));
  CHECK_FALSE(native_proof_fits(view_of(native), "secreT", scramble));
  CHECK_FALSE(native_proof_fits(view_of(native), "secret", other));
  CHECK_FALSE(native_proof_fits(view_of(native).sub(0, 19), "secret", scramble));
  CHECK_FALSE(native_proof_fits(view_of(native), "", scramble));
  CHECK(sha2_proof_fits(view_of(sha2), "secret", scramble));
  CHECK_FALSE(sha2_proof_fits(view_of(sha2), "secreT", scramble));
  CHECK_FALSE(sha2_proof_fits(view_of(sha2), "secret", other));
  CHECK_FALSE(sha2_proof_fits(view_of(sha2).sub(1), "secret", scramble));
}

TEST_CASE("password_proof: an empty proof fits an empty password alone", "[wire]") {
  CHECK(native_proof_fits({}, "", counting_scramble()));
  CHECK_FALSE(native_proof_fits({}, "secret", counting_scramble()));
  CHECK(sha2_proof_fits({}, "", counting_scramble()));
  CHECK_FALSE(sha2_proof_fits({}, "secret", counting_scramble()));
}

TEST_CASE("password_proof: passwords are the same only when they are", "[wire]") {
  CHECK(same_password("secret", "secret"));
  CHECK_FALSE(same_password("secret", "secret2"));
  CHECK_FALSE(same_password("", "secret"));
}

TEST_CASE("rsa_key: what does not decrypt is an empty secret", "[wire]") {
  const RsaKey key;
  CHECK(key.public_key().find("-----BEGIN PUBLIC KEY-----") == 0);
  const std::string noise(256, 'x');
  CHECK(key.decrypt(ByteView::of(noise)).empty());
  CHECK(key.decrypt({}).empty());
  CHECK(key.decrypt(ByteView::of(noise).sub(0, 255)).empty());
}
