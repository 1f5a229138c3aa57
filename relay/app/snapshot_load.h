#pragma once

#include <string>

#include "relay/app/commands.h"
#include "relay/app/configuration.h"

namespace relay::app {

// Loads the snapshot in `directory` into the replica of the arguments' URL, lets that follow, and prints what is left
// to do. `command` stands before errors. REQUIRES: block_signals().
[[nodiscard]] ExitCode load_snapshot(const Configuration& configuration, const std::string& directory,
                                     const LoadArguments& arguments, const char* command);

}  // namespace relay::app
