#pragma once

#include "relay/app/configuration.h"
#include "relay/app/exit_code.h"
#include "relay/app/rules_in_force.h"

namespace relay::app {

// Builds every part, runs until SIGTERM or SIGINT, and takes the parts down in reverse order. Long-lived state lives
// here and nowhere else. SIGHUP reads the rules again and tries again where the stream stands still. REQUIRES: signals
// are blocked in the calling thread, and no other thread exists yet.
[[nodiscard]] ExitCode run_daemon(const Configuration& configuration, std::shared_ptr<const Rules> rules);

// Blocks the signals that run_daemon() waits for, in the calling thread and all that it starts.
void block_signals();

}  // namespace relay::app
