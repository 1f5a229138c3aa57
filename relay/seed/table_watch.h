#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/seed/status_counts.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// How the source's tables were before a view was made, so that one which comes under another's name afterwards can be
// told from it. Old views read what is there under a name, and neither the definition nor the time at which a table was
// made has to tell one from another.
struct TableMarks {
  StatusCounts counts;
  // The times at which one table alone was made, of all that the account sees, two seconds ago or earlier: a table that
  // is made or changed later has another. SnapshotTable::made_at.
  std::set<std::string> single_times;
  bool partitions = false;  // whether some table has partitions
};

// Of now, for a view that is made later. To be read before anything is locked: a statement that waits for a lock counts
// from before that.
[[nodiscard]] base::Result<TableMarks> read_table_marks(source::SourceConnection& connection);

// Asks how the source is now, beside the readers, whose transactions see it as it was: from any thread.
class TableWatch {
 public:
  // Borrows a connection in no transaction.
  TableWatch(source::SourceConnection& connection, const source::SourceFacts& facts, TableMarks marks)
      : connection_(connection),
        truncates_silently_(facts.flavor == binlog::Flavor::mysql && facts.version_number < kTruncateSeenSince),
        marks_(std::move(marks)),
        partitions_at_(marks_.counts) {}

  enum class Look : std::uint8_t {
    same,     // as the view has it
    changed,  // or not certain to be the same
    emptied,  // the same, unless the view has no row of it
  };
  // REQUIRES: a reader holds the table, and its definition is still that of the view.
  [[nodiscard]] base::Result<Look> look(const SnapshotTable& table);

 private:
  static constexpr std::uint32_t kTruncateSeenSince = 80000;  // MySQL: an old view gives an error from then on

  base::Result<bool> may_have_exchanged(const StatusCounts& now) RELAY_REQUIRES(mutex_);

  base::Mutex mutex_;
  source::SourceConnection& connection_ RELAY_GUARDED_BY(mutex_);
  const bool truncates_silently_;
  const TableMarks marks_;
  StatusCounts partitions_at_ RELAY_GUARDED_BY(mutex_);  // when partitions were looked for last
  bool partitions_ RELAY_GUARDED_BY(mutex_) = false;     // whether there were any then
};

}  // namespace relay::seed
