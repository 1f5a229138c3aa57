#include <fmt/format.h>

#include <cstdio>

#include "relay/app/admin_endpoint.h"
#include "relay/app/commands.h"
#include "relay/app/configuration.h"
#include "relay/app/problem_output.h"
#include "relay/app/status_report.h"

namespace relay::app {

ExitCode command_status(const std::string& configuration_file, bool json) {
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  if (!configuration->admin.listen) {
    fmt::print(stderr, "binlog-relay status: {}: there is no [admin] listen to ask; add it and start the relay again\n",
               configuration_file);
    return ExitCode::configuration;
  }
  const auto answer = admin_get(configuration->admin.listen->host, configuration->admin.listen->port, "/status");
  if (!answer) {
    fmt::print(stderr, "binlog-relay status: {}\n", answer.error().message());
    return ExitCode::failed;
  }
  fmt::print("{}", json ? *answer : status_text(*answer));
  return ExitCode::done;
}

}  // namespace relay::app
