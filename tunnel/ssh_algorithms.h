#pragma once

namespace relay::tunnel {

// What is offered: nothing with SHA-1 or MD5, no CBC, no fixed Diffie-Hellman groups. The cheapest that libssh2 has
// comes first (bench/tunnel): it hands OpenSSL 16 bytes at a time, so that AES-GCM, which 1.11 knows, costs more than
// AES-CTR and HMAC do. Without ChaCha20-Poly1305 and encrypt-then-MAC there is nothing for the prefix truncation of
// CVE-2023-48795 to use.
inline constexpr const char* kKeyExchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521";
inline constexpr const char* kCiphers = "aes128-ctr,aes192-ctr,aes256-ctr";
inline constexpr const char* kMacs = "hmac-sha2-256,hmac-sha2-512";

}  // namespace relay::tunnel
