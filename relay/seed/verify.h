#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/live_connections.h"
#include "relay/seed/table_comparison.h"
#include "relay/seed/verify_findings.h"
#include "relay/seed/verify_record.h"
#include "relay/source/schema_reader.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

struct VerifySettings {
  const source::SourceSettings& source;
  const source::SourceFacts& facts;
  const source::SourceSettings& replica;
  const source::LeavingTables& leaving;
  const scrub_rules::RuleView& rules;
  std::string rules_digest;
  std::function<bool(const sql::TableName&)> chosen;  // which tables are compared
  // Is given all tables that leave; an error ends the run.
  std::function<base::Result<void>(const std::vector<sql::TableName>&)> check_choice;
  std::function<base::Result<RelayPlace>()> ask_relay;  // asked where the source has no GTIDs
  std::size_t readers = 2;
  std::uint64_t max_load = 0;  // rows a second of both sides; 0: no limit
  std::chrono::seconds max_lag{30};
  std::string record;   // the file that a run goes on from; empty: none
  bool repair = false;  // write rows that differ anew, and compare those tables again
};

struct VerifyOutcome {
  std::vector<TableFindings> tables;    // by name
  std::uint64_t rows = 0;               // of the source
  std::vector<TableFindings> repaired;  // what was found of tables that then were repaired, and stand in `tables` anew
  [[nodiscard]] bool differs() const;
  [[nodiscard]] bool is_decided() const;
};

// Whether a replica has exactly what the rules make of the source, while both go on. Nothing is written on either side,
// unless repair is asked for.
// Borrows everything.
class Verify {
 public:
  explicit Verify(const VerifySettings& settings) : settings_(settings), limit_(settings.max_load, stop_) {}

  // Errors: those of connections, and of a replica that does not replicate; interrupted after stop(). What only one
  // table is concerned with stands in its findings.
  [[nodiscard]] base::Result<VerifyOutcome> run();
  // From any thread, for good.
  void stop();
  [[nodiscard]] const VerifyProgress& progress() const { return progress_; }

 private:
  struct Run;  // what run() has found out
  base::Result<void> open(SidePair& pair, const source::SourceFacts* replica);
  base::Result<void> read_schemas(Run& run, SidePair& pair);
  base::Result<void> compare_tables(Run& run, std::vector<SnapshotTable> tables);
  void work(Run& run);
  base::Result<void> work_through(Run& run, SidePair& pair);
  std::optional<SnapshotTable> next(Run& run);
  base::Result<void> find_extra_tables(Run& run, SidePair& pair);
  base::Result<void> repair(Run& run);

  const VerifySettings& settings_;
  VerifyProgress progress_;
  base::StopToken stop_;
  LoadLimit limit_;
  LiveConnections connections_;
  base::Mutex mutex_;
};

}  // namespace relay::seed
