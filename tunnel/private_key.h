#pragma once

#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"

namespace relay::tunnel {

struct PrivateKey {
  base::Secret text;  // the whole file
  // "ssh-ed25519 SHA256:...", where the file shows it without its passphrase; else empty.
  std::string public_key;
};

// Reads a private key file as ssh-keygen writes it, or PEM. Errors: io, configuration: of a type that tunnels do not
// use, or with a passphrase where `has_passphrase` says that there is none.
[[nodiscard]] base::Result<PrivateKey> read_private_key(base::FileSystem& files, const std::string& path,
                                                        bool has_passphrase);

}  // namespace relay::tunnel
