#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/kept_tables.h"
#include "relay/seed/manifest.h"
#include "relay/seed/row_shuffle.h"
#include "relay/seed/rows_writer.h"
#include "relay/seed/snapshot_folder.h"
#include "relay/seed/table_reader.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// The tables of a view on their way into the files of a folder, read by all the view's readers at once: the largest
// first, and large ones in parts, those last that are written all the time; those that are kept are there already. Each
// that is done goes into the journal. Borrows everything.
class TablePool {
 public:
  struct Parts {
    std::uint64_t rows = 200'000;  // about, of a part
    std::size_t most = 64;         // cuts of a table
  };

  // REQUIRES: the journal was begun with the tables that are kept.
  TablePool(ConsistentView& view, TableWatch& watch, binlog::Flavor flavor, const scrub_rules::RuleView& rules,
            const SnapshotFolder& folder, LiveConnections& connections, SnapshotProgress& progress,
            const KeptTables& kept, SnapshotJournal& journal);
  // Runs a thread for each reader until all tables are read, or one fails: the first error is the result's.
  [[nodiscard]] base::Result<std::vector<TableRecord>> run();

 private:
  // What is known of a table's reading, for as long as it goes on.
  struct Reading {
    ReadingOrder order;
    std::uint32_t files = 0;              // numbered so far
    std::uint32_t piles = 0;              // of `shuffle`
    std::size_t parts_left = 1;           // not in files yet, or in `shuffle`
    std::unique_ptr<RowShuffle> shuffle;  // of all parts' rows, unless their order may leave
  };
  struct Job {
    std::size_t table = 0;
    KeyRange range;
    bool whole = true;  // not cut in parts yet
  };

  void work(source::SourceConnection& reader);
  [[nodiscard]] std::optional<Job> next();
  base::Result<void> do_job(source::SourceConnection& reader, Job job);
  // Takes the first part of a large table; the others go to whoever is free.
  void share(Job& job, std::vector<KeyValues> cuts);
  void end_job(base::Result<void> done);
  // Notes the files of a part, or of a whole table, and in the journal the table that is done with it.
  base::Result<void> end_files(std::size_t table, const std::vector<FileRecord>& files);
  [[nodiscard]] ReadingOrder order_of(std::size_t table);
  [[nodiscard]] RowShuffle& shuffle_of(std::size_t table);
  // The shuffle of a table whose parts are all read now but for this one; none while others are, and then the part is
  // done with.
  [[nodiscard]] std::unique_ptr<RowShuffle> end_reading(std::size_t table);
  [[nodiscard]] std::string next_file(std::size_t table);
  [[nodiscard]] std::string next_pile(std::size_t table);

  ConsistentView& view_;
  TableWatch& watch_;
  binlog::Flavor flavor_;
  const scrub_rules::RuleView& rules_;
  const SnapshotFolder& folder_;
  LiveConnections& connections_;
  SnapshotProgress& progress_;
  const KeptTables& kept_;
  SnapshotJournal& journal_;
  Parts parts_;

  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::deque<Job> jobs_ RELAY_GUARDED_BY(mutex_);
  std::size_t running_ RELAY_GUARDED_BY(mutex_) = 0;
  std::optional<base::Error> error_ RELAY_GUARDED_BY(mutex_);
  std::vector<TableRecord> records_ RELAY_GUARDED_BY(mutex_);
  std::vector<Reading> readings_ RELAY_GUARDED_BY(mutex_);  // parallel to the view's tables
};

}  // namespace relay::seed
