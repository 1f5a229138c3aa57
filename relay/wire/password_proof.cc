#include "relay/wire/password_proof.h"

#include <fmt/format.h>

namespace relay::wire {

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> exclusive_or(std::array<std::uint8_t, N> a, const std::array<std::uint8_t, N>& b) {
  for (std::size_t i = 0; i < N; ++i) a[i] ^= b[i];
  return a;
}

}  // namespace

Sha1 native_proof(std::string_view password, const Scramble& scramble) {
  const Sha1 once = sha1({base::ByteView::of(password)});
  const Sha1 twice = sha1({view_of(once)});
  return exclusive_or(once, sha1({view_of(scramble), view_of(twice)}));
}

Sha256 sha2_proof(std::string_view password, const Scramble& scramble) {
  const Sha256 once = sha256({base::ByteView::of(password)});
  const Sha256 twice = sha256({view_of(once)});
  return exclusive_or(once, sha256({view_of(twice), view_of(scramble)}));
}

bool native_proof_fits(base::ByteView proof, std::string_view password, const Scramble& scramble) {
  if (password.empty() || proof.empty()) return password.empty() && proof.empty();
  return equal_in_constant_time(proof, view_of(native_proof(password, scramble)));
}

bool sha2_proof_fits(base::ByteView proof, std::string_view password, const Scramble& scramble) {
  if (password.empty() || proof.empty()) return password.empty() && proof.empty();
  return equal_in_constant_time(proof, view_of(sha2_proof(password, scramble)));
}

bool same_password(std::string_view a, std::string_view b) {
  return equal_in_constant_time(view_of(sha256({base::ByteView::of(a)})), view_of(sha256({base::ByteView::of(b)})));
}

std::string certificate_proof(std::string_view password, const Scramble& scramble, const Sha256& certificate_digest) {
  const Sha1 once = sha1({base::ByteView::of(password)});
  const Sha1 twice = sha1({view_of(once)});
  std::string proof(1, '\x01');
  for (const std::uint8_t byte : sha256({view_of(twice), view_of(scramble), view_of(certificate_digest)})) {
    proof += fmt::format("{:02X}", byte);
  }
  return proof;
}

}  // namespace relay::wire
