#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <optional>

#include "relay/app/commands.h"
#include "relay/app/daemon.h"
#include "relay/app/leaving_tables.h"
#include "relay/app/preflight.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"
#include "relay/app/rules_in_force.h"
#include "relay/app/rules_of_stream.h"
#include "relay/app/snapshot_hold.h"
#include "relay/app/snapshot_load.h"
#include "relay/app/snapshot_on_the_way.h"
#include "relay/app/watched_work.h"
#include "relay/seed/snapshot.h"
#include "relay/seed/snapshot_folder.h"

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

// Tables whose rows are brought into disorder have many files open at once. Where the limit cannot be raised, opening
// one says so.
void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

// Makes the snapshot in a thread of its own; this one shows how far it is, and takes the signals.
Result<seed::SnapshotOutcome> make_watched(seed::Snapshot& snapshot) {
  std::optional<Result<seed::SnapshotOutcome>> made;
  std::optional<Progress> bar;
  std::uint64_t shown_total = 0;
  watch_work([&] { made = snapshot.make(); }, [&] { snapshot.stop(); },
             [&] {
               const seed::SnapshotProgress& progress = snapshot.progress();
               const std::uint64_t total = progress.estimated_rows;
               if (total != shown_total || !bar) bar.emplace("reading", total, "rows");
               shown_total = total;
               const std::uint64_t rows = progress.rows;
               const double mebibytes = static_cast<double>(progress.sql_bytes) / (1 << 20);
               bar->advance_to(rows, fmt::format("{} rows, {:.1f} MiB", rows, mebibytes));
             });
  if (bar) bar->finish();
  return std::move(*made);
}

Result<seed::SnapshotOutcome> make_snapshot(const Configuration& configuration, const Rules& rules,
                                            const source::SourceFacts& facts, const SnapshotArguments& arguments) {
  RELAY_TRY(check_rules_of_stream(base::posix_file_system(), configuration, rules.digest));
  const source::LeavingTables leaving = leaving_tables(rules.set, facts);
  RELAY_ASSIGN(seed::SnapshotFolder folder, seed::SnapshotFolder::prepare(base::posix_file_system(), arguments.output));
  RELAY_TRY(hold_spool(base::posix_file_system(), configuration, arguments.output));
  const seed::SnapshotSettings settings{configuration.source.connection,
                                        facts,
                                        leaving,
                                        rules.set,
                                        schema_history_path(configuration),
                                        rules.digest,
                                        "binlog-relay " BINLOG_RELAY_VERSION,
                                        arguments.readers};
  seed::Snapshot snapshot(settings, folder);
  auto made = make_watched(snapshot);
  if (!made) static_cast<void>(release_spool(base::posix_file_system(), configuration, arguments.output));
  return made;
}

ExitCode make_folder(const Configuration& configuration, const Rules& rules, const Preflight& judged,
                     const SnapshotArguments& arguments) {
  const auto made = make_snapshot(configuration, rules, judged.facts, arguments);
  if (!made) return tell(made.error()), code_of(made.error());
  fmt::print("{} tables, {} rows, {:.1f} MiB in {}\nthe stream goes on with\n  start = \"{}\"\n", made->tables,
             made->rows, static_cast<double>(made->bytes) / (1 << 20), base::Subject(arguments.output).text(),
             made->start);
  return std::fflush(stdout) == 0 ? ExitCode::done : ExitCode::failed;
}

// By way of a folder, which goes when all is loaded, unless it was named. One that an earlier run finished is loaded.
ExitCode seed_replica(const Configuration& configuration, const Rules& rules, const Preflight& judged,
                      SnapshotArguments arguments) {
  const bool named = !arguments.output.empty();
  if (!named) {
    auto folder = folder_on_the_way(configuration, arguments.load.to);
    if (!folder) return tell(folder.error()), code_of(folder.error());
    arguments.output = std::move(*folder);
  }
  const auto finished = is_finished_snapshot(arguments.output, rules.digest, judged.facts);
  if (!finished) return tell(finished.error()), code_of(finished.error());
  if (!*finished) {
    base::Problems problems;
    const auto checked = check_replica_early(configuration, arguments.load.to, judged, problems);
    print_problems(problems);
    if (!checked) return tell(checked.error()), code_of(checked.error());
    if (base::has_errors(problems)) return ExitCode::failed;
    const ExitCode made = make_folder(configuration, rules, judged, arguments);
    if (made != ExitCode::done) return made;
  }
  const ExitCode loaded = load_snapshot(configuration, arguments.output, arguments.load, "snapshot");
  if (loaded != ExitCode::done || named) return loaded;
  const auto removed = remove_snapshot(arguments.output);
  if (!removed) return tell(removed.error()), ExitCode::failed;
  return loaded;
}

}  // namespace

ExitCode command_snapshot(const std::string& configuration_file, const SnapshotArguments& arguments) {
  block_signals();
  raise_open_files();
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

  return arguments.load.to.empty() ? make_folder(*configuration, *rules, *judged, arguments)
                                   : seed_replica(*configuration, *rules, *judged, arguments);
}

}  // namespace relay::app
