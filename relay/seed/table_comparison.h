#pragma once

#include <functional>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/seed/keyed_comparison.h"
#include "relay/seed/live_connections.h"
#include "relay/seed/schema_comparison.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/seed/verify_findings.h"
#include "relay/seed/verify_record.h"
#include "relay/source/source_facts.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// One reader's connections.
struct SidePair {
  explicit SidePair(LiveConnections& all) : source(all), replica(all) {}
  LiveConnection source, replica;
};

// What comparing any table takes. Borrowed.
struct ComparedServers {
  const source::SourceFacts& source;
  const source::SourceFacts& replica;
  const source::CharacterSets& replica_databases;
  const DefaultCollations& source_collations;
  const DefaultCollations& replica_collations;
  const source::LeavingTables& leaving;
  const scrub_rules::RuleView& rules;
};

// The tables that leave, as the source has them now, of whatever engine.
[[nodiscard]] base::Result<SnapshotSchema> read_leaving(source::SourceConnection& source,
                                                        const ComparedServers& servers);

// Stands for how a table is compared: mark_of() it and the key that a comparison by key would take.
[[nodiscard]] std::string mark_of(const SnapshotTable& table, const scrub_rules::RuleView& rules);

// Compares one table, its definition first, then its rows.
class TableComparison {
 public:
  TableComparison(const ComparedServers& servers, const Comparing& comparing, SidePair& pair, VerifyRecord& record)
      : servers_(servers), comparing_(comparing), pair_(pair), record_(record) {}

  // A table that changes while it is compared is begun anew, a few times. Nothing is found of a table that is gone.
  // Errors: those that end a whole run; others stand in the findings.
  [[nodiscard]] base::Result<TableFindings> run(SnapshotTable table, const source::CharacterSets& databases);

 private:
  static TableFindings gone(const sql::TableName& table);
  base::Result<bool> try_once(SnapshotTable& table, TableFindings& findings);
  base::Result<std::optional<SchemaComparison>> settle_schema(SnapshotTable& table, TableFindings& findings);
  base::Result<SchemaComparison> look_at_schema(const SnapshotTable& table);
  base::Result<bool> read_again(SnapshotTable& table);
  base::Result<void> compare_rows(const SnapshotTable& table, const SchemaComparison& schema, TableFindings& findings);

  const ComparedServers& servers_;
  const Comparing& comparing_;
  SidePair& pair_;
  VerifyRecord& record_;
  source::CharacterSets databases_;
};

// Whether an error ends a whole run: what is not about one table.
[[nodiscard]] bool ends_run(const base::Error& error);

}  // namespace relay::seed
