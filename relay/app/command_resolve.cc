#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "relay/app/commands.h"
#include "relay/app/configuration.h"
#include "relay/app/problem_output.h"
#include "relay/app/resolution.h"
#include "relay/app/user_name.h"
#include "relay/app/utc_time.h"
#include "scrub_rules/passed_transaction.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kMaximumStatement = std::size_t{16} << 20;
constexpr std::chrono::seconds kPatience{30};

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Without the blank space and the semicolon that people end a file with.
std::string trimmed(std::string text) {
  const auto is_trailing = [](char c) { return c == ';' || c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_trailing(text.back())) text.pop_back();
  return text;
}

Result<void> judge(const std::string& statement, const HaltNote& note, const Configuration& configuration,
                   const scrub_rules::RuleSet& rules) {
  if (statement.empty()) return base::fail(ErrorKind::configuration, "the file holds no statement");
  RELAY_ASSIGN(const auto history,
               scrub_rules::SchemaHistory::open_to_read(base::posix_file_system(), schema_history_path(configuration),
                                                        note.history, note.settings.fold_case));
  return scrub_rules::judge_replacement(statement, rules, *history, note.settings, note.server_version);
}

// Whether another process holds the spool: a lock that could be taken is given back at once.
bool daemon_is_running(const Configuration& configuration) {
  return !base::posix_file_system().lock(configuration.spool.directory + "/spool.lock").has_value();
}

// The daemon removes the request when it is carried out, or void.
ExitCode wait_for_daemon(const Configuration& configuration, const HaltNote& before) {
  auto& files = base::posix_file_system();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto request = read_resolution(files, configuration.spool.directory);
    if (request && *request) continue;
    const auto note = read_halt_note(files, configuration.spool.directory);
    const bool stands = note && *note && (*note)->transaction == before.transaction;
    if (!stands) return fmt::print("the relay went on past it\n"), ExitCode::done;
    fmt::print(stderr, "binlog-relay resolve: the relay could not carry it out: {}\n", (*note)->reason);
    return ExitCode::stopped_by_rule;
  }
  fmt::print("the relay has not taken it yet; `binlog-relay status` shows what it does\n");
  return ExitCode::done;
}

ExitCode refused(const Error& error) {
  fmt::print(stderr, "binlog-relay resolve: {}\n", error.message());
  return error.kind() == ErrorKind::rule || error.kind() == ErrorKind::unsupported ? ExitCode::stopped_by_rule
                                                                                   : ExitCode::failed;
}

}  // namespace

ExitCode command_resolve(const std::string& configuration_file, const std::string& replacement_file) {
  auto& files = base::posix_file_system();
  base::Problems problems;
  const auto configuration = read_configuration(files, configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const auto rules = scrub_rules::RuleSet::load(configuration->rule_files, ".", problems);
  if (base::has_errors(problems)) return print_problems(problems), ExitCode::configuration;

  const std::string& directory = configuration->spool.directory;
  const auto note = read_halt_note(files, directory);
  if (!note) return refused(note.error());
  if (!*note) return refused(Error(ErrorKind::configuration, "the stream has not halted").about(directory));
  if (!(*note)->at_transaction) {
    fmt::print(stderr, "binlog-relay resolve: the stream did not halt at a transaction: {}\n", (*note)->reason);
    return ExitCode::failed;
  }
  Resolution resolution{random_id(), (*note)->transaction, {},
                        user_name(), ::getuid(),           utc_time(std::chrono::system_clock::now())};
  if (!replacement_file.empty()) {
    auto text = base::read_file(files, replacement_file, kMaximumStatement);
    if (!text) return refused(text.error());
    resolution.replacement = trimmed(std::move(*text));
    if (const auto judged = judge(resolution.replacement, **note, *configuration, rules); !judged)
      return refused(judged.error());
  }
  const bool running = daemon_is_running(*configuration);
  if (const auto written = write_resolution(files, directory, resolution); !written) return refused(written.error());
  fmt::print("{} {}\n",
             replacement_file.empty() ? "to be passed over:" : "to be replaced:", text_of(resolution.transaction));
  if (replacement_file.empty()) {
    fmt::print(
        "What it did at the source stays done there. If it made a trigger, the rows that the trigger writes leave as "
        "any others do: check\n"
        "that it copies nothing into a column that leaves (`binlog-relay check` tells), or drop it at the source "
        "first\n");
  }
  if (running) return wait_for_daemon(*configuration, **note);
  fmt::print("no relay is running with this spool: it is done at the next start\n");
  return ExitCode::done;
}

}  // namespace relay::app
