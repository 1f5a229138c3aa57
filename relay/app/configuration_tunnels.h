#pragma once

#include <vector>

#include "relay/app/configuration.h"
#include "relay/app/configuration_files.h"
#include "relay/app/toml_section.h"

namespace relay::app {

// Reads [[tunnels]] of `root`, and checks it against what stands in [replicas]. Mistakes go to the section's sink.
[[nodiscard]] std::vector<TunnelSection> read_tunnels(TomlSection& root, const ConfigurationFiles& files,
                                                      const ReplicasSection& replicas);

}  // namespace relay::app
