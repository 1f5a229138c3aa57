#include "relay/app/preflight.h"

#include "relay/app/leaving_tables.h"
#include "relay/app/server_uuid.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_check.h"
#include "relay/source/source_connection.h"
#include "scrub_rules/schema_history.h"

namespace relay::app {

using base::Result;

namespace {

std::vector<source::TablePattern> table_patterns(const scrub_rules::RuleSet& rules) {
  std::vector<source::TablePattern> patterns;
  for (const scrub_rules::TableRule& table : rules.tables()) patterns.push_back({table.database, table.table});
  return patterns;
}

}  // namespace

Result<Preflight> judge_source(const Configuration& configuration, const scrub_rules::RuleSet& rules, base::Problems& problems) {
  source::SourceConnection connection;
  RELAY_TRY(connection.connect(configuration.source.connection, source::SourceConnection::Purpose::questions));
  Preflight preflight;
  RELAY_ASSIGN(preflight.facts, source::read_source_facts(connection));
  // By its uuid the source's list of replicas tells this relay, which may be at work or just dead, from a stranger.
  const source::ReplicaIdentity identity{configuration.source.server_id, known_uuid(base::posix_file_system(), configuration.spool.directory)};
  RELAY_ASSIGN(auto check, source::check_source(connection, preflight.facts, identity, table_patterns(rules)));
  problems.insert(problems.end(), check.problems.begin(), check.problems.end());
  preflight.notes = std::move(check.notes);
  const bool fold_case = preflight.facts.folds_case();
  RELAY_ASSIGN(const auto schema, source::read_schema(connection, preflight.facts, leaving_tables(rules, fold_case)));
  const scrub_rules::SourceTraits traits{preflight.facts.flavor, preflight.facts.version_number, preflight.facts.binlog_row_image == "MINIMAL"};
  RELAY_ASSIGN(const scrub_rules::Lineage lineage,
               scrub_rules::read_lineage(base::posix_file_system(), schema_history_path(configuration), fold_case));
  const scrub_rules::RuleView view(rules, fold_case, &lineage);
  for (const sql::TableDefinition& table : schema.tables) {
    preflight.tables.push_back(scrub_rules::check_table(view, table, traits, problems));
  }
  RELAY_ASSIGN(const auto names, source::read_table_names(connection, preflight.facts));
  std::vector<sql::TableName> held_back;
  for (const sql::TableName& name : names) {
    if (rules.table_leaves(name.database, name.table, fold_case)) continue;
    held_back.push_back(name);
    preflight.tables.push_back({name.database, name.table, false, {}, {}});
  }
  scrub_rules::check_unmatched(rules, schema.tables, fold_case, problems, &held_back);
  return preflight;
}

}  // namespace relay::app
