#pragma once

#include "relay/base/result.h"

namespace relay::tunnel {

// Sets libssh2 up, once for the whole program; it stays so until the program ends. Any thread may call it.
// Errors: io when that failed.
[[nodiscard]] base::Result<void> prepare_ssh_library();

}  // namespace relay::tunnel
