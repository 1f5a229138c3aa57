#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "relay/app/commands.h"
#include "relay/app/offline_scrub.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"

namespace relay::app {

namespace {

std::uint64_t size_of(base::FileSystem& files, const std::string& path) {
  const auto file = files.open(path, base::OpenMode::read);
  return file ? (*file)->size().value_or(0) : 0;
}

// Source files are told apart by their names.
bool names_differ(const std::vector<std::string>& paths) {
  std::set<std::string> names;
  for (const std::string& path : paths) {
    if (!names.insert(path.substr(path.find_last_of('/') + 1)).second) return false;
  }
  return true;
}

void print_json(const OfflineScrubReport& report, const base::Result<void>& done) {
  nlohmann::ordered_json line;
  line["transactions"] = report.transactions;
  line["events"] = {{"kept", report.scrub.events_kept},
                    {"replaced", report.scrub.events_replaced},
                    {"dropped", report.scrub.events_dropped}};
  if (!report.schema.empty()) line["schema"] = report.schema;
  if (!done) {
    line["stopped"] = {{"reason", done.error().message()},
                       {"by_rule", report.halted},
                       {"file", report.file},
                       {"transaction_start", report.transaction_start},
                       {"gtid", report.gtid}};
  }
  fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_text(const OfflineScrubReport& report, const ScrubArguments& arguments) {
  fmt::print("{} transactions in {}; events: {} kept, {} replaced, {} dropped\n", report.transactions, arguments.output,
             report.scrub.events_kept, report.scrub.events_replaced, report.scrub.events_dropped);
  if (!report.schema.empty()) fmt::print("schema: {}\n", report.schema);
}

void print_stop(const OfflineScrubReport& report, const base::Error& error) {
  fmt::print(stderr, "binlog-relay scrub: {}\n", error.message());
  if (report.file.empty()) return;
  fmt::print(stderr, "stopped before the transaction at {}:{}{}{}; everything before it is written\n", report.file,
             report.transaction_start, report.gtid.empty() ? "" : ", GTID ", report.gtid);
}

}  // namespace

ExitCode command_scrub(const std::string& configuration_file, const ScrubArguments& arguments) {
  base::FileSystem& files = base::posix_file_system();
  base::Problems problems;
  const auto configuration = read_configuration(files, configuration_file, problems, ConfigurationUse::files);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const auto rules = scrub_rules::RuleSet::load(configuration->rule_files, ".", problems);
  print_problems(problems);
  if (base::has_errors(problems)) return ExitCode::configuration;
  if (!names_differ(arguments.files)) {
    fmt::print(stderr,
               "binlog-relay scrub: two files have the same name; scrub the files of each server by themselves\n");
    return ExitCode::configuration;
  }

  std::uint64_t total = 0;
  for (const std::string& file : arguments.files) total += size_of(files, file);
  Progress progress("scrubbing", total);
  OfflineScrub scrub(files, *configuration, rules,
                     {arguments.files, arguments.output, arguments.schema_file, arguments.fold_case});
  const auto done = scrub.run([&progress](std::uint64_t bytes) { progress.advance_to(bytes); });
  progress.finish();
  if (arguments.json) {
    print_json(scrub.report(), done);
  } else {
    print_text(scrub.report(), arguments);
  }
  if (done) return ExitCode::done;
  if (!arguments.json) print_stop(scrub.report(), done.error());
  if (scrub.report().halted) return ExitCode::stopped_by_rule;
  return done.error().kind() == base::ErrorKind::configuration ? ExitCode::configuration : ExitCode::failed;
}

}  // namespace relay::app
