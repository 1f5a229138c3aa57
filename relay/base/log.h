#pragma once

#include <fmt/format.h>

#include <string_view>

namespace relay::base {

enum class LogLevel { debug, info, warning, error };

// Lines go to standard error, one each, with time and level. Safe from any thread.
void set_log_level(LogLevel level);
[[nodiscard]] bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view line);

// Formats only when the level is on. Arguments are numbers, names and Error::message(); a ByteView does not compile.
template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace relay::base
