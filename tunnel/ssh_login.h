#pragma once

#include "relay/base/result.h"
#include "tunnel/private_key.h"
#include "tunnel/ssh_wait.h"
#include "tunnel/tunnel_settings.h"

namespace relay::tunnel {

// Logs in over a session whose host key was checked: with `key` or, where the settings name no key file, with the
// agent's keys one by one. Errors: configuration (the key cannot be used, or the host refuses it), peer, io,
// interrupted.
[[nodiscard]] base::Result<void> log_in(LIBSSH2_SESSION* session, const TunnelSettings& settings, const PrivateKey& key,
                                        const SshWait& wait);

}  // namespace relay::tunnel
