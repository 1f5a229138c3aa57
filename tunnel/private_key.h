#pragma once

#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"

namespace relay::tunnel {

struct PrivateKey {
  base::Secret text;  // the whole file
  // "ssh-ed25519 SHA256:..." of OpenSSH's own format; empty of PEM.
  std::string public_key;
};

// Reads a private key file as ssh-keygen writes it, or PEM. Errors: io, configuration: no key that `passphrase`, empty
// for none, opens, or of a type that tunnels do not use.
[[nodiscard]] base::Result<PrivateKey> read_private_key(base::FileSystem& files, const std::string& path,
                                                        const base::Secret& passphrase);
// What is not a key, or does not open.
[[nodiscard]] base::Error unusable_key(const std::string& path);

}  // namespace relay::tunnel
