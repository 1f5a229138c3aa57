#pragma once

#include <string>
#include <string_view>

#include "relay/base/byte_view.h"

namespace relay::tunnel {

// The algorithms for keys of hosts and users that tunnels use, best first: no SHA-1, and so no ssh-rsa, which is the
// only way with RSA keys that libssh2 1.10 has.
inline constexpr std::string_view kKeyAlgorithms[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                                      "ecdsa-sha2-nistp521"};
[[nodiscard]] bool is_key_algorithm(std::string_view name);

// The type that a public key in SSH's own form (RFC 4253, 6.6) says it has; "unknown" when it is no key.
[[nodiscard]] std::string key_type(base::ByteView key);
// What `ssh-keygen -l` shows of the key: "SHA256:" and 43 characters.
[[nodiscard]] std::string key_fingerprint(base::ByteView key);

}  // namespace relay::tunnel
