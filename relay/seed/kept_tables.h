#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/log_mark.h"
#include "relay/seed/snapshot_journal.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// Parallel to a view's tables.
struct KeptTables {
  std::vector<std::string> marks;                  // table_mark.h
  std::vector<std::optional<FinishedTable>> kept;  // what was read before and is right for the view
  // The source's binary log has changes of them since: they will be changed again, and are best read last.
  std::vector<bool> written;
  [[nodiscard]] std::vector<FinishedTable> tables() const;
  [[nodiscard]] std::uint64_t rows() const;
};

// What to judge the tables of a journal by, which was begun under another view. Borrows everything.
struct KeepQuestion {
  const ViewSettings& settings;
  const ConsistentView& view;
  const scrub_rules::RuleView& rules;
  const SnapshotJournal& journal;
  const JournalHead& now;  // of this view
  const std::optional<ScanAhead>& ahead;
  LiveConnections& connections;
  const base::StopToken& stop;
};

// Finds the tables that need not be read again: those whose definition and treatment are the same, and of which the
// source's own binary log says that nothing was changed since they were read. Says in the log how many that are, and
// why others are read again. Errors: those of a source that is away, interrupted.
[[nodiscard]] base::Result<KeptTables> find_kept_tables(const KeepQuestion& question);

}  // namespace relay::seed
