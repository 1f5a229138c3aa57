#pragma once

#include "relay/app/configuration.h"
#include "relay/base/problem.h"
#include "tunnel/tunnel_settings.h"

namespace relay::app {

// A tunnel of the configuration that leads to the replica listener at `local`.
[[nodiscard]] tunnel::TunnelSettings tunnel_settings(const TunnelSection& section, const Endpoint& local);

// Tries every tunnel once: prints those that work, and adds what is wrong with the others to `problems`, where a port
// that is taken is a warning: the running relay may have it. True when no more than that was found.
[[nodiscard]] bool check_tunnels(const Configuration& configuration, base::Problems& problems);

}  // namespace relay::app
