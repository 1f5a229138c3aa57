#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "relay/app/admin_endpoint.h"
#include "relay/app/commands.h"
#include "relay/app/daemon.h"
#include "relay/app/leaving_tables.h"
#include "relay/app/preflight.h"
#include "relay/app/problem_output.h"
#include "relay/app/progress.h"
#include "relay/app/replica_way.h"
#include "relay/app/rules_in_force.h"
#include "relay/app/verify_output.h"
#include "relay/app/watched_work.h"
#include "relay/base/json_number.h"
#include "relay/seed/verify.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/rule_table_name.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

void complain(const Error& error) { fmt::print(stderr, "binlog-relay verify: {}\n", error.message()); }

ExitCode exit_code_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::interrupted:
      return ExitCode::interrupted;
    case ErrorKind::configuration:
      return ExitCode::configuration;
    default:
      return ExitCode::failed;
  }
}

using Patterns = std::vector<scrub_rules::RuleTableName>;

Result<Patterns> read_patterns(const std::vector<std::string>& texts) {
  Patterns patterns;
  for (const std::string& text : texts) {
    auto name = scrub_rules::parse_rule_table_name(text);
    if (!name) return base::fail(Error(name.error()).remedy("write --tables database.table"));
    patterns.push_back(std::move(*name));
  }
  return patterns;
}

bool is_chosen(const Patterns& patterns, const sql::TableName& name, bool fold_case) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const scrub_rules::RuleTableName& pattern) {
           return scrub_rules::name_matches(pattern.database, name.database, fold_case) &&
                  scrub_rules::name_matches(pattern.table, name.table, fold_case);
         });
}

// A pattern that fits nothing is a mistake in writing it, and nothing compared is no answer.
Result<void> check_patterns(const Patterns& patterns, const std::vector<std::string>& texts,
                            const std::vector<sql::TableName>& leaving, bool fold_case) {
  if (leaving.empty()) {
    return base::fail(Error(ErrorKind::configuration, "no table of the source leaves: there is nothing to compare")
                          .remedy("`binlog-relay check` says what the rules make of the source"));
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const Patterns one{patterns[i]};
    if (std::ranges::any_of(leaving, [&](const auto& name) { return is_chosen(one, name, fold_case); })) continue;
    return base::fail(Error(ErrorKind::configuration, "--tables has a pattern that fits no table that leaves")
                          .about(texts[i])
                          .remedy("write database.table as the source has it, with * and ?"));
  }
  return {};
}

// The running relay's status.
Result<nlohmann::json> ask_status(const Configuration& configuration) {
  RELAY_ASSIGN(const std::string answer,
               admin_get(configuration.admin.listen->host, configuration.admin.listen->port, "/status"));
  auto status = nlohmann::json::parse(answer, nullptr, false);
  if (!status.is_object()) {
    return base::fail(ErrorKind::malformed, "the relay's status is not what this version understands");
  }
  return status;
}

// A replica was made by the rules that are in force in the running relay, whichever are in the files by now. Where the
// relay does not run, or has no [admin] listen, nobody can say.
Result<void> check_rules_in_force(const Configuration& configuration, const Rules& rules, bool repair) {
  if (!configuration.admin.listen) return {};
  const auto status = ask_status(configuration);
  if (!status) return {};
  const auto in_force = nlohmann::json::json_pointer("/rules/in_force");
  if (!status->contains(in_force) || status->at(in_force) == rules.digest || status->at(in_force) == "") return {};
  const Error error = Error(ErrorKind::rule, "the rules are not those that are in force in the running relay")
                          .remedy("reload or restart the relay, or compare by the rules that it runs with");
  if (repair) return base::fail(error);
  complain(error);
  return {};
}

// What the running relay says of itself.
Result<seed::RelayPlace> ask_relay(const Configuration& configuration) {
  if (!configuration.admin.listen) {
    return base::fail(Error(ErrorKind::configuration,
                            "the source has no GTIDs, so the relay has to say how far it is, and has no "
                            "[admin] listen")
                          .about(configuration.file)
                          .remedy("add it and start the relay again"));
  }
  RELAY_ASSIGN(const nlohmann::json status, ask_status(configuration));
  try {
    const auto& source = status.at("source").at("position");
    const auto& spool = status.at("spool").at("tail");
    return seed::RelayPlace{source.at("file").get<std::string>(),
                            base::whole_number<std::uint64_t>(source.at("offset")), spool.at("file").get<std::string>(),
                            base::whole_number<std::uint64_t>(spool.at("offset"))};
  } catch (const nlohmann::json::exception&) {
    return base::fail(ErrorKind::malformed, "the relay's status is not what this version understands");
  }
}

// Compares in a thread of its own; this one shows how far it is, and takes the signals.
Result<seed::VerifyOutcome> run_watched(seed::Verify& verify) {
  std::optional<Result<seed::VerifyOutcome>> outcome;
  std::optional<Progress> bar;
  std::uint64_t shown_total = 0;
  watch_work([&] { outcome = verify.run(); }, [&] { verify.stop(); },
             [&] {
               const seed::VerifyProgress& progress = verify.progress();
               const std::uint64_t total = progress.estimated_rows;
               if (total != shown_total || !bar) bar.emplace("comparing", total, "rows");
               shown_total = total;
               const std::uint64_t rows = progress.rows;
               bar->advance_to(
                   rows, fmt::format("{} rows, {} of {} tables{}", rows, progress.tables_done.load(),
                                     progress.tables.load(), progress.waiting > 0 ? ", waiting for the replica" : ""));
             });
  if (bar) bar->finish();
  return std::move(*outcome);
}

Result<seed::VerifyOutcome> verify_replica(const Configuration& configuration, const Rules& rules,
                                           const source::SourceFacts& facts, const VerifyArguments& arguments) {
  RELAY_ASSIGN(const Patterns patterns, read_patterns(arguments.tables));
  RELAY_TRY(check_rules_in_force(configuration, rules, arguments.repair));
  RELAY_ASSIGN(const ReplicaWay way, ReplicaWay::open(arguments.replica, configuration));
  RELAY_ASSIGN(
      const scrub_rules::Lineage lineage,
      scrub_rules::read_lineage(base::posix_file_system(), schema_history_path(configuration), facts.folds_case()));
  const scrub_rules::RuleView view(rules.set, facts.folds_case(), &lineage);
  const source::LeavingTables leaving = leaving_tables(rules.set, facts);
  const seed::VerifySettings settings{
      configuration.source.connection,
      facts,
      way.connection(),
      leaving,
      view,
      rules.digest,
      [&](const sql::TableName& name) { return is_chosen(patterns, name, facts.folds_case()); },
      [&](const std::vector<sql::TableName>& leaving_names) {
        return check_patterns(patterns, arguments.tables, leaving_names, facts.folds_case());
      },
      [&] { return ask_relay(configuration); },
      arguments.readers,
      arguments.max_load,
      std::chrono::seconds(arguments.max_lag),
      arguments.state,
      arguments.repair};
  seed::Verify verify(settings);
  return run_watched(verify);
}

}  // namespace

ExitCode command_verify(const std::string& configuration_file, const VerifyArguments& arguments) {
  block_signals();
  base::Problems problems;
  const auto configuration = read_configuration(base::posix_file_system(), configuration_file, problems);
  if (!configuration) return print_problems(problems), ExitCode::configuration;
  const auto rules = read_rules(configuration->rule_files, problems);
  if (base::has_errors(problems)) return print_problems(problems), ExitCode::configuration;
  const auto judged = judge_source(*configuration, rules->set, problems);
  print_problems(problems);
  if (base::has_errors(problems)) return ExitCode::configuration;
  if (!judged) return complain(judged.error()), ExitCode::failed;

  const auto outcome = verify_replica(*configuration, *rules, judged->facts, arguments);
  if (!outcome) return complain(outcome.error()), exit_code_of(outcome.error());
  fmt::print("{}", arguments.json ? verify_json(*outcome) : verify_text(*outcome));
  if (std::fflush(stdout) != 0) return ExitCode::failed;
  if (outcome->differs()) return ExitCode::difference;
  return outcome->is_decided() ? ExitCode::done : ExitCode::failed;
}

}  // namespace relay::app
