#pragma once

#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/live_connections.h"
#include "relay/seed/replica_applier.h"
#include "relay/seed/verify_findings.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_settings.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

struct RepairSettings {
  const source::SourceSettings& source;
  const source::SourceFacts& facts;
  const source::SourceSettings& replica;
  const source::SourceFacts& replica_facts;
  const source::LeavingTables& leaving;
  const scrub_rules::RuleView& rules;
};

// Whether rows of a table can be written anew: some differ, and its definition lets them be compared.
[[nodiscard]] bool is_repairable(const TableFindings& findings);

// Writes rows that differ anew while the replica follows: its applier stands exactly where a view of the source is
// taken, so what comes later fits what was written. Borrows everything.
class ReplicaRepair {
 public:
  ReplicaRepair(RepairSettings settings, LiveConnections& connections, const base::StopToken& stop)
      : settings_(settings), connections_(connections), stop_(stop) {}

  // Of a table whose differing keys are known these rows, of others all, in one transaction that is not in the
  // replica's own log. What cannot be written says so: not_repaired. Nothing is changed on an error. Errors: those of
  // make_view() and ReplicaApplier; unsupported where the source's transactions have no GTIDs.
  [[nodiscard]] base::Result<void> run(std::vector<TableFindings>& tables);

 private:
  base::Result<bool> try_once(std::vector<TableFindings>& tables);
  base::Result<void> write_all(std::vector<TableFindings>& tables, ConsistentView& view);
  base::Result<void> write_table(const TableFindings& findings, const SnapshotTable& table,
                                 source::SourceConnection& view, source::SourceConnection& replica);

  RepairSettings settings_;
  LiveConnections& connections_;
  const base::StopToken& stop_;
};

}  // namespace relay::seed
