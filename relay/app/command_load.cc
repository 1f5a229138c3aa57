#include "relay/app/commands.h"
#include "relay/app/daemon.h"
#include "relay/app/problem_output.h"
#include "relay/app/snapshot_load.h"

namespace relay::app {

ExitCode command_load(const std::string& configuration_file, const std::string& directory,
                      const LoadArguments& arguments) {
  block_signals();
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  print_problems(problems);
  if (!configuration) return ExitCode::configuration;
  return load_snapshot(*configuration, directory, arguments, "load");
}

}  // namespace relay::app
