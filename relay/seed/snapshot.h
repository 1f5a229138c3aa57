#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/kept_tables.h"
#include "relay/seed/log_mark.h"
#include "relay/seed/snapshot_folder.h"
#include "relay/seed/snapshot_journal.h"
#include "relay/seed/table_reader.h"
#include "relay/source/schema_reader.h"
#include "scrub_rules/rule_set.h"

namespace relay::seed {

struct SnapshotSettings {
  const source::SourceSettings& source;
  const source::SourceFacts& facts;
  const source::LeavingTables& leaving;
  const scrub_rules::RuleSet& rules;
  std::string schema_history;  // the path of the relay's; there need be none
  std::string rules_digest;
  std::string made_by;  // program and version
  std::size_t readers = 4;
};

// What there is to say of a snapshot that is done.
struct SnapshotOutcome {
  std::size_t tables = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // on the disk
  std::string start;        // for source.start
};

// A consistent, scrubbed copy of the tables that leave, in a folder. Borrows everything.
class Snapshot {
 public:
  Snapshot(const SnapshotSettings& settings, SnapshotFolder& folder) : settings_(settings), folder_(folder) {}

  // Makes it. A table that is changed while it is read makes it go on at another moment, a few times; so does a source
  // that goes away, for ten minutes after the last row. Tables that were finished before, by another run as well, are
  // kept where the source's binary log shows that they are the same at the new moment (kept_tables.h). Each try judges
  // the rules again, against the schema of its moment. Errors: those of make_view(), reading, scrubbing and writing;
  // interrupted after stop(). What was written so far stays in the folder, without a manifest.
  [[nodiscard]] base::Result<SnapshotOutcome> make();
  // From any thread, for good.
  void stop();
  [[nodiscard]] const SnapshotProgress& progress() const { return progress_; }

 private:
  base::Result<void> open_journal();
  base::Result<SnapshotOutcome> make_once(LiveConnections& connections);
  // What is not to be read, noted in the journal; nothing else of before is left in the folder.
  base::Result<KeptTables> keep_tables(const ViewSettings& settings, const LogMark& mark,
                                       const std::optional<ScanAhead>& ahead, const ConsistentView& view,
                                       const scrub_rules::RuleView& rules, source::SourceConnection& questions,
                                       LiveConnections& connections);
  base::Result<void> estimate(ConsistentView& view, source::SourceConnection& connection);
  static void tell(const ConsistentView& view);

  const SnapshotSettings& settings_;
  SnapshotFolder& folder_;
  std::unique_ptr<SnapshotJournal> journal_;
  SnapshotProgress progress_;
  std::chrono::steady_clock::time_point reading_since_;  // in this try, or the one before
  base::StopToken stop_;
  base::Mutex mutex_;
  LiveConnections* connections_ RELAY_GUARDED_BY(mutex_) = nullptr;  // of the try that is being made
};

}  // namespace relay::seed
