#include <fmt/format.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <optional>
#include <thread>

#include "relay/app/commands.h"
#include "relay/app/daemon.h"
#include "relay/app/leaving_tables.h"
#include "relay/app/preflight.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"
#include "relay/app/rules_in_force.h"
#include "relay/app/snapshot_hold.h"
#include "relay/seed/snapshot.h"
#include "relay/seed/snapshot_folder.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

void tell(const Error& error) { fmt::print(stderr, "binlog-relay snapshot: {}\n", error.message()); }

ExitCode code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::interrupted:
      return ExitCode::interrupted;
    case ErrorKind::rule:
    case ErrorKind::unsupported:
      return ExitCode::stopped_by_rule;
    case ErrorKind::configuration:
      return ExitCode::configuration;
    default:
      return ExitCode::failed;
  }
}

// Whether SIGTERM or SIGINT came within `time`. REQUIRES: they are blocked.
bool signal_within(std::chrono::milliseconds time) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  const timespec wait{time.count() / 1000, time.count() % 1000 * 1'000'000};
  return ::sigtimedwait(&signals, nullptr, &wait) > 0;
}

// Makes the snapshot in a thread of its own; this one shows how far it is, and takes the signals.
Result<seed::SnapshotOutcome> make_watched(seed::Snapshot& snapshot) {
  using namespace std::chrono_literals;
  std::optional<Result<seed::SnapshotOutcome>> made;
  std::atomic<bool> done{false};
  std::thread maker([&] {
    made = snapshot.make();
    done = true;
  });
  std::optional<Progress> bar;
  std::uint64_t shown_total = 0;
  while (!done) {
    if (signal_within(100ms)) snapshot.stop();
    const seed::SnapshotProgress& progress = snapshot.progress();
    const std::uint64_t total = progress.estimated_rows;
    if (total != shown_total || !bar) bar.emplace("reading", total, "rows");
    shown_total = total;
    const std::uint64_t rows = progress.rows;
    const double mebibytes = static_cast<double>(progress.sql_bytes) / (1 << 20);
    bar->advance_to(rows, fmt::format("{} rows, {:.1f} MiB", rows, mebibytes));
  }
  maker.join();
  if (bar) bar->finish();
  return std::move(*made);
}

Result<seed::SnapshotOutcome> make_snapshot(const Configuration& configuration, const Rules& rules,
                                            const source::SourceFacts& facts, const SnapshotArguments& arguments) {
  RELAY_ASSIGN(
      const scrub_rules::Lineage lineage,
      scrub_rules::read_lineage(base::posix_file_system(), schema_history_path(configuration), facts.folds_case()));
  const scrub_rules::RuleView view(rules.set, facts.folds_case(), &lineage);
  const source::LeavingTables leaving = leaving_tables(rules.set, facts);
  RELAY_ASSIGN(seed::SnapshotFolder folder, seed::SnapshotFolder::prepare(base::posix_file_system(), arguments.output));
  RELAY_TRY(hold_spool(base::posix_file_system(), configuration, arguments.output));
  const seed::SnapshotSettings settings{configuration.source.connection,
                                        facts,
                                        leaving,
                                        view,
                                        rules.digest,
                                        "binlog-relay " BINLOG_RELAY_VERSION,
                                        arguments.readers};
  seed::Snapshot snapshot(settings, folder);
  auto made = make_watched(snapshot);
  if (!made) static_cast<void>(release_spool(base::posix_file_system(), configuration, arguments.output));
  return made;
}

}  // namespace

ExitCode command_snapshot(const std::string& configuration_file, const SnapshotArguments& arguments) {
  block_signals();
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const auto rules = read_rules(configuration->rule_files, problems);
  if (base::has_errors(problems)) return print_problems(problems), ExitCode::configuration;
  const auto judged = judge_source(*configuration, rules->set, problems);
  print_problems(problems);
  if (base::has_errors(problems)) {
    fmt::print(stderr, "binlog-relay snapshot: nothing was read; `binlog-relay check -c {}` shows what would leave\n",
               configuration_file);
    return ExitCode::stopped_by_rule;
  }
  if (!judged) return tell(judged.error()), ExitCode::failed;

  const auto made = make_snapshot(*configuration, *rules, judged->facts, arguments);
  if (!made) return tell(made.error()), code_of(made.error());
  fmt::print("{} tables, {} rows, {:.1f} MiB in {}\nthe stream goes on with\n  start = \"{}\"\n", made->tables,
             made->rows, static_cast<double>(made->bytes) / (1 << 20), base::Subject(arguments.output).text(),
             made->start);
  return std::fflush(stdout) == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace relay::app
