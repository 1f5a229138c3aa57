#pragma once

#include "relay/app/configuration.h"
#include "relay/base/problem.h"
#include "tunnel/tunnel_settings.h"

namespace relay::app {

// A tunnel of the configuration that leads to the replica listener, which listens at `port`.
[[nodiscard]] tunnel::TunnelSettings tunnel_settings(const TunnelSection& section, const ReplicasSection& replicas,
                                                     std::uint16_t port);

// Tries every tunnel once: prints those that work, and adds what is wrong with the others to `problems`, where a port
// that is taken is a warning: the running relay may have it. True when no more than that was found.
[[nodiscard]] bool check_tunnels(const Configuration& configuration, base::Problems& problems);

}  // namespace relay::app
