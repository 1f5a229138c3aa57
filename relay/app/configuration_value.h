#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/app/configuration.h"

namespace relay::app {

// "500ms", "1s", "10m", "2h", "7d": a whole number and a unit. None for anything else or more than 10,000 days.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "50GiB", "100MB", "4096B": a whole number and a unit, powers of 1024 with an i, of 1000 without. None for anything
// else.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

// "127.0.0.1:3307", "[::1]:3307", "relay.example:3307". None for anything else.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

// The one of `known` that `word` most likely stands for; empty when none is near.
[[nodiscard]] std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace relay::app
