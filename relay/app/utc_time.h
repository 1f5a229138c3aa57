#pragma once

#include <chrono>
#include <string>

namespace relay::app {

// "2026-01-31T12:00:00Z"
[[nodiscard]] std::string utc_time(std::chrono::system_clock::time_point time);

}  // namespace relay::app
