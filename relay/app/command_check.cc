#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "relay/app/certificate_check.h"
#include "relay/app/commands.h"
#include "relay/app/preflight.h"
#include "relay/app/problem_output.h"
#include "relay/app/tunnels.h"

namespace relay::app {

namespace {

void print_table(const scrub_rules::TableReport& table) {
  const std::string follows = table.follows.empty() ? "" : fmt::format("  under the rules of {}", table.follows);
  fmt::print("{}.{}{}{}\n", table.database, table.table, follows, table.leaves ? "" : "  does not leave");
  if (!table.leaves) return;
  std::size_t names = 0;
  std::size_t types = 0;
  for (const auto& column : table.columns) {
    names = std::max(names, column.column.size());
    types = std::max(types, column.type.size());
  }
  for (const auto& column : table.columns) {
    fmt::print("  {:<{}}  {:<{}}  {}{}{}\n", column.column, names, column.type, types, column.action,
               column.example.empty() ? "" : ", such as ", column.example);
  }
}

void print_summary(const base::Problems& problems) {
  const auto errors = std::count_if(problems.begin(), problems.end(), [](const base::Problem& problem) {
    return problem.severity == base::Problem::Severity::error;
  });
  const auto warnings = static_cast<std::ptrdiff_t>(problems.size()) - errors;
  fmt::print(stderr, "{} errors, {} warnings{}\n", errors, warnings, errors == 0 ? ": `run` would start" : "");
}

}  // namespace

// Mistakes of the files and of the source are shown together where the files say enough to reach the source.
ExitCode command_check(const std::string& configuration_file) {
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  if (!configuration) return print_problems(problems), print_summary(problems), ExitCode::configuration;
  const auto rules = scrub_rules::RuleSet::load(configuration->rule_files, ".", problems);
  const bool files_are_wrong = base::has_errors(problems);

  std::vector<std::string> notes;
  judge_certificates(*configuration, problems, notes);
  const auto judged = judge_source(*configuration, rules, problems);
  if (judged) {
    if (const auto change = judge_change_of_rules(*configuration, rules, *judged, problems); !change) {
      problems.push_back({base::Problem::Severity::error, "", 0, "spool.directory", change.error().message(),
                          "`run` says the same: restore the file that it names from a backup"});
    }
    for (const auto& table : judged->tables) print_table(table);
    notes.insert(notes.end(), judged->notes.begin(), judged->notes.end());
  }
  for (const std::string& note : notes) fmt::print("note: {}\n", note);
  const bool source_is_wrong = base::has_errors(problems);
  const bool tunnels_are_well = check_tunnels(*configuration, problems);
  std::fflush(stdout);
  print_problems(problems);
  if (!judged) fmt::print(stderr, "source: {}\n", judged.error().message());
  if (judged || base::has_errors(problems)) print_summary(problems);
  if (files_are_wrong) return ExitCode::configuration;
  if (source_is_wrong) return ExitCode::stopped_by_rule;
  return judged && tunnels_are_well ? ExitCode::done : ExitCode::failed;
}

}  // namespace relay::app
