#include <fmt/format.h>

#include <cstdio>

#include "relay/app/audit_report.h"
#include "relay/app/commands.h"
#include "relay/app/configuration.h"
#include "relay/app/problem_output.h"
#include "relay/spool/audit_check.h"
#include "relay/spool/audit_record.h"

namespace relay::app {

namespace {

using base::Result;

ExitCode report_failure(const base::Error& error) {
  fmt::print(stderr, "binlog-relay audit: {}\n", error.message());
  return ExitCode::failed;
}

Result<void> print_entries(base::FileSystem& files, const std::string& directory, bool json) {
  RELAY_ASSIGN(const auto file, files.open(directory + spool::kAuditLogName, base::OpenMode::read));
  AuditReport report;
  RELAY_TRY(spool::for_each_audit_line(*file, 0, [&](std::string_view line, std::uint64_t) {
    const auto parts = spool::split_audit_line(line);
    if (!parts)
      return base::Result<void>(
          base::fail(base::ErrorKind::malformed, "a line is no entry; `audit --verify` says which"));
    if (json) {
      fmt::print("{}\n", parts->entry);
    } else {
      fmt::print("{}", report.take(parts->entry));
    }
    return base::Result<void>();
  }));
  if (!json) fmt::print("{}", report.sums());
  return {};
}

ExitCode verify(base::FileSystem& files, const std::string& directory, const std::vector<std::string>& noted) {
  const auto check = spool::check_audit_record(files, directory, noted);
  if (!check) return report_failure(check.error());
  for (const auto& fault : check->faults) fmt::print("audit.log, line {}: {}\n", fault.line, fault.what);
  for (const auto& hash : check->missing) fmt::print("no entry has the hash {}\n", hash);
  if (check->beyond_head > 0) {
    fmt::print("{} entries are newer than audit.head: a crash leaves one, and so does a relay at work\n",
               check->beyond_head);
  }
  fmt::print("{} entries, the last one's hash is {}\n", check->entries, check->hash);
  if (!check->faults.empty() || !check->missing.empty()) return ExitCode::difference;
  fmt::print(
      "whole: nothing was edited, removed or reordered. Not to be seen from here: entries cut off the end together "
      "with audit.head, added\n"
      "at the end, and a record made anew from the start; compare a hash that was noted elsewhere (the relay's log has "
      "one at each stop) with --noted HASH\n");
  return ExitCode::done;
}

}  // namespace

ExitCode command_audit(const std::string& configuration_file, const AuditOptions& options) {
  auto& files = base::posix_file_system();
  base::Problems problems;
  const auto configuration = read_configuration(files, configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const std::string& directory = configuration->spool.directory;
  if (options.verify || !options.noted.empty()) return verify(files, directory, options.noted);
  const auto printed = print_entries(files, directory, options.json);
  if (!printed) return report_failure(printed.error());
  const auto check = spool::check_audit_record(files, directory);
  if (!check) return report_failure(check.error());
  if (check->faults.empty()) return ExitCode::done;
  fmt::print(stderr, "binlog-relay audit: this record was changed; `audit --verify` says where\n");
  return ExitCode::difference;
}

}  // namespace relay::app
