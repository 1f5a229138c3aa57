#pragma once

#include <string>
#include <string_view>

#include "relay/base/byte_view.h"
#include "relay/wire/digest.h"
#include "relay/wire/greeting.h"

namespace relay::wire {

// mysql_native_password: SHA1(password) XOR SHA1(scramble, SHA1(SHA1(password))). (sql/auth/password.cc)
[[nodiscard]] Sha1 native_proof(std::string_view password, const Scramble& scramble);

// caching_sha2_password: SHA256(password) XOR SHA256(SHA256(SHA256(password)), scramble).
// (sql/auth/sha2_password_common.cc)
[[nodiscard]] Sha256 sha2_proof(std::string_view password, const Scramble& scramble);

// Do `proof` and `password` fit? An empty password's proof is empty. Constant time in the proof's content.
[[nodiscard]] bool native_proof_fits(base::ByteView proof, std::string_view password, const Scramble& scramble);
[[nodiscard]] bool sha2_proof_fits(base::ByteView proof, std::string_view password, const Scramble& scramble);

// Are both passwords the same? Constant time, whatever their lengths.
[[nodiscard]] bool same_password(std::string_view a, std::string_view b);

// What MariaDB 11.4 and newer want in the last OK packet when the server's certificate is not of a known CA: byte 1 and
// upper-case hex of SHA256(SHA1(SHA1(password)), scramble, SHA256(certificate)). (sql-common/client.c, ssl_verify_info)
[[nodiscard]] std::string certificate_proof(std::string_view password, const Scramble& scramble,
                                            const Sha256& certificate_digest);

}  // namespace relay::wire
