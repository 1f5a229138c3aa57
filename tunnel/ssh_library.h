#pragma once

#include "relay/base/result.h"

namespace relay::tunnel {

// Sets libssh2 up, once for the whole program; it stays so until the program ends. Any thread may call it.
// Errors: io when that failed.
[[nodiscard]] base::Result<void> prepare_ssh_library();

// Whether it logs in with ECDSA keys of files. From 1.11.1 on it gives back what it had of the session's memory as if
// it were malloc's (its issue 1828), which ends the program; an agent's ECDSA keys it does not touch.
[[nodiscard]] bool takes_ecdsa_files();

}  // namespace relay::tunnel
