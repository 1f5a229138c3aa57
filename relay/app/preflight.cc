#include "relay/app/preflight.h"

#include <fmt/ranges.h>

#include <limits>
#include <map>
#include <utility>

#include "relay/app/leaving_tables.h"
#include "relay/app/rules_in_force.h"
#include "relay/app/server_uuid.h"
#include "relay/source/format_probe.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_check.h"
#include "relay/source/source_connection.h"
#include "relay/source/triggers.h"
#include "relay/spool/spool_index.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/rules_change.h"
#include "scrub_rules/schema_history.h"
#include "scrub_rules/sideways_check.h"

namespace relay::app {

using base::Result;

namespace {

std::vector<source::TablePattern> table_patterns(const scrub_rules::RuleSet& rules) {
  std::vector<source::TablePattern> patterns;
  for (const scrub_rules::TableRule& table : rules.tables()) patterns.push_back({table.database, table.table});
  return patterns;
}

// The tables that leave, as they are now.
class SourceCatalog : public sql::Catalog {
 public:
  explicit SourceCatalog(const std::vector<sql::TableDefinition>& tables) {
    for (const sql::TableDefinition& table : tables) tables_.emplace(std::pair(table.database, table.table), &table);
  }
  [[nodiscard]] const sql::TableDefinition* find(const sql::TableName& name) const override {
    const auto found = tables_.find({name.database, name.table});
    return found == tables_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<sql::TableName> tables_of(std::string_view database) const override {
    std::vector<sql::TableName> names;
    for (const auto& [name, table] : tables_) {
      if (name.first == database) names.push_back({name.first, name.second});
    }
    return names;
  }
  [[nodiscard]] std::vector<const sql::TableDefinition*> tables_with_foreign_keys() const override {
    std::vector<const sql::TableDefinition*> found;
    for (const auto& [name, table] : tables_) {
      if (!table->foreign_keys.empty()) found.push_back(table);
    }
    return found;
  }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view) const override {
    return {};
  }

 private:
  std::map<std::pair<std::string, std::string>, const sql::TableDefinition*> tables_;
};

// By which ways of the schema a value gets into a column that leaves.
Result<void> judge_sideways(source::SourceConnection& connection, Preflight& preflight, const sql::Catalog& catalog,
                            const scrub_rules::RuleView& rules, base::Problems& problems) {
  RELAY_ASSIGN(const auto triggers, source::read_triggers(connection, preflight.facts));
  for (const auto& trigger : triggers)
    scrub_rules::check_trigger(rules, *trigger, catalog, scrub_rules::Knows::all_tables, problems);
  RELAY_ASSIGN(const bool sees_all, source::sees_all_triggers(connection, preflight.facts));
  if (sees_all) return {};
  if (rules.rules().data_statements() == scrub_rules::DataStatements::drop_if_denied) {
    problems.push_back(
        {base::Problem::Severity::warning, "", 0, "source, privilege TRIGGER on *.*",
         "the account does not see every trigger, so no statement is certain to touch only tables that do not leave",
         "GRANT TRIGGER ON *.* to the account before the first start"});
  } else {
    preflight.notes.push_back(
        "the account does not see every trigger (privilege TRIGGER): what they copy is not checked");
  }
  return {};
}

// What the server may write that this version does not know.
Result<void> judge_event_types(source::SourceConnection& connection, const Configuration& configuration,
                               Preflight& preflight) {
  RELAY_ASSIGN(const source::LogPosition end, source::current_log_position(connection, preflight.facts));
  source::SourceConnection dump;
  RELAY_TRY(dump.connect(configuration.source.connection, source::SourceConnection::Purpose::stream));
  RELAY_ASSIGN(const binlog::FormatDescription format, source::probe_format(dump, preflight.facts, end));
  const std::vector<std::uint8_t> types = format.unknown_types();
  if (types.empty()) return {};
  preflight.notes.push_back(fmt::format(
      "the source may write event types that this version does not know, or not in this layout: {}; such an event "
      "halts the stream, or is left out where the source says that replicas may ignore it",
      fmt::join(types, ", ")));
  return {};
}

}  // namespace

Result<Preflight> judge_source(const Configuration& configuration, const scrub_rules::RuleSet& rules,
                               base::Problems& problems) {
  source::SourceConnection connection;
  RELAY_TRY(connection.connect(configuration.source.connection, source::SourceConnection::Purpose::questions));
  Preflight preflight;
  RELAY_ASSIGN(preflight.facts, source::read_source_facts(connection));
  // By its uuid the source's list of replicas tells this relay, which may be at work or just dead, from a stranger.
  const source::ReplicaIdentity identity{configuration.source.server_id,
                                         known_uuid(base::posix_file_system(), configuration.spool.directory)};
  RELAY_ASSIGN(auto check, source::check_source(connection, preflight.facts, identity, table_patterns(rules)));
  problems.insert(problems.end(), check.problems.begin(), check.problems.end());
  preflight.notes = std::move(check.notes);
  const bool fold_case = preflight.facts.folds_case();
  RELAY_ASSIGN(auto schema, source::read_schema(connection, preflight.facts, leaving_tables(rules, preflight.facts)));
  RELAY_ASSIGN(const scrub_rules::Lineage lineage,
               scrub_rules::read_lineage(base::posix_file_system(), schema_history_path(configuration), fold_case));
  const scrub_rules::RuleView view(rules, fold_case, &lineage);
  scrub_rules::resolve_key_origins(schema.tables, fold_case);
  const SourceCatalog catalog(schema.tables);
  const scrub_rules::SourceTraits traits{preflight.facts.flavor, preflight.facts.version_number,
                                         preflight.facts.binlog_row_image == "MINIMAL", &catalog};
  for (const sql::TableDefinition& table : schema.tables) {
    preflight.tables.push_back(scrub_rules::check_table(view, table, traits, problems));
  }
  RELAY_TRY(judge_sideways(connection, preflight, catalog, view, problems));
  // Where the log cannot be read, the problems say why.
  if (!base::has_errors(problems)) RELAY_TRY(judge_event_types(connection, configuration, preflight));
  RELAY_ASSIGN(preflight.source_databases, source::read_database_names(connection, preflight.facts));
  RELAY_ASSIGN(preflight.source_tables, source::read_table_names(connection, preflight.facts));
  std::vector<sql::TableName> held_back;
  for (const sql::TableName& name : preflight.source_tables) {
    if (rules.table_leaves(name.database, name.table, fold_case)) continue;
    held_back.push_back(name);
    preflight.tables.push_back({name.database, name.table, false, {}, {}});
  }
  scrub_rules::check_unmatched(rules, schema.tables, fold_case, problems, &held_back);
  return preflight;
}

Result<void> judge_change_of_rules(const Configuration& configuration, const scrub_rules::RuleSet& rules,
                                   const Preflight& preflight, base::Problems& problems) {
  auto& files = base::posix_file_system();
  const std::string& directory = configuration.spool.directory;
  const std::string history_path = schema_history_path(configuration);
  RELAY_ASSIGN(const bool there, files.exists(history_path));
  if (!there) return {};
  spool::SpoolIndex index(files, directory);
  RELAY_TRY(index.load());
  const auto last = index.last();
  if (!last || last->last_rules() == rules.digest()) return {};
  RELAY_ASSIGN(const auto before, kept_rules(files, directory, last->last_rules()));
  if (!before) return {};  // a start says so
  const bool fold_case = preflight.facts.folds_case();
  const scrub_rules::HistoryPosition end{last->number, std::numeric_limits<std::uint64_t>::max()};
  RELAY_ASSIGN(const auto history, scrub_rules::SchemaHistory::open_to_read(files, history_path, end, fold_case));
  const auto comparison = scrub_rules::compare_rules(before->set, rules, *history, preflight.source_databases,
                                                     preflight.source_tables, fold_case);
  for (const std::string& refusal : comparison.refusals) {
    problems.push_back({base::Problem::Severity::error, "", 0, "replicas that follow " + directory, refusal,
                        std::string(kSeedAgain.text())});
  }
  return {};
}

}  // namespace relay::app
