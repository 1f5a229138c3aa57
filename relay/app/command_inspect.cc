#include <fmt/format.h>

#include <cstdio>

#include "relay/app/commands.h"
#include "relay/app/inspect.h"

namespace relay::app {

ExitCode command_inspect(const std::vector<std::string>& files, bool json) {
  ExitCode code = ExitCode::done;
  for (const std::string& file : files) {
    if (files.size() > 1 && !json) fmt::print("# {}\n", file);
    const auto done = inspect_file(base::posix_file_system(), file, json, [](const std::string& line) {
      std::fwrite(line.data(), 1, line.size(), stdout);
      std::fputc('\n', stdout);
    });
    if (!done) {
      fmt::print(stderr, "binlog-relay inspect: {}\n", done.error().message());
      code = ExitCode::failed;
    }
  }
  return code;
}

}  // namespace relay::app
