#pragma once

#include <functional>

namespace relay::app {

// Runs `work` in a thread of its own until it ends. This one calls `show` ten times a second, and `stop` at SIGTERM or
// SIGINT, after which `work` is to end soon. REQUIRES: block_signals().
void watch_work(const std::function<void()>& work, const std::function<void()>& stop,
                const std::function<void()>& show);

}  // namespace relay::app
