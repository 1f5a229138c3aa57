#include <fmt/format.h>

#include <cstdio>

#include "relay/app/commands.h"
#include "relay/app/daemon.h"
#include "relay/app/preflight.h"
#include "relay/app/problem_output.h"
#include "relay/base/log.h"

namespace relay::app {

ExitCode command_run(const std::string& configuration_file) {
  block_signals();
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const auto rules = read_rules(configuration->rule_files, problems);
  if (base::has_errors(problems)) return print_problems(problems), ExitCode::configuration;

  // A source that cannot be reached now is tried again by the daemon, which serves what the spool holds meanwhile.
  const auto judged = judge_source(*configuration, rules->set, problems);
  print_problems(problems);
  if (base::has_errors(problems)) {
    fmt::print(stderr, "binlog-relay run: refused to start; `binlog-relay check -c {}` shows what would leave\n",
               configuration_file);
    return ExitCode::stopped_by_rule;
  }
  if (!judged) base::log(base::LogLevel::warning, "{}", judged.error().message());
  return run_daemon(*configuration, rules);
}

}  // namespace relay::app
