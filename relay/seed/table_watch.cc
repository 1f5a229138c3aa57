#include "relay/seed/table_watch.h"

#include <array>
#include <string_view>
#include <utility>

namespace relay::seed {

namespace {

using base::Result;

// Statements that can put another table, or other rows, under a name. Not those that make a table: an old view has an
// error for one that is younger.
constexpr std::string_view kRename = "Com_rename_table";
constexpr std::string_view kAlter = "Com_alter_table";
constexpr std::string_view kTruncate = "Com_truncate";
// Take away a table that had partitions for a while.
constexpr std::string_view kDrop = "Com_drop_table";
constexpr std::string_view kDropDatabase = "Com_drop_db";
constexpr auto kCounted = std::to_array<std::string_view>({kRename, kAlter, kTruncate, kDrop, kDropDatabase});
constexpr int kListTries = 3;  // until no table changes its name while they are listed

constexpr const char* kFromTables =
    " FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";
constexpr std::string_view kPartitioned = "CREATE_OPTIONS LIKE '%partitioned%'";

bool has_moved(const StatusCounts& before, const StatusCounts& now, std::string_view name) {
  return before.at(std::string(name)) != now.at(std::string(name));
}

Result<StatusCounts> count_changes(source::SourceConnection& connection) {
  return read_status_counts(connection, kCounted);
}

Result<void> read_times(source::SourceConnection& connection, TableMarks& marks) {
  marks.single_times.clear();
  marks.partitions = false;
  RELAY_ASSIGN(const source::Rows rows,
               connection.query("SELECT CREATE_TIME, COUNT(*), COALESCE(SUM(" + std::string(kPartitioned) +
                                "), 0), COALESCE(CREATE_TIME <= NOW() - INTERVAL 2 SECOND, 0)" + kFromTables +
                                " GROUP BY CREATE_TIME"));
  for (const source::Row& row : rows) {
    if (row.size() != 4) return base::fail(base::ErrorKind::malformed, "the source listed its tables in another form");
    if (row[2] != "0") marks.partitions = true;
    if (row[0] && row[1] == "1" && row[3] == "1") marks.single_times.insert(*row[0]);
  }
  return {};
}

}  // namespace

Result<TableMarks> read_table_marks(source::SourceConnection& connection) {
  TableMarks marks;
  RELAY_ASSIGN(marks.counts, count_changes(connection));
  for (int tries = 1; tries <= kListTries; ++tries) {
    RELAY_TRY(read_times(connection, marks));
    RELAY_ASSIGN(StatusCounts now, count_changes(connection));
    if (now == marks.counts) return marks;
    marks.counts = std::move(now);
  }
  // Not one of them is certain.
  marks.single_times.clear();
  return marks;
}

Result<TableWatch::Look> TableWatch::look(const SnapshotTable& table) {
  const base::MutexLock lock(mutex_);
  RELAY_ASSIGN(const std::string made_at, read_made_at(connection_, table.definition.name()));
  if (made_at != table.made_at) return Look::changed;
  RELAY_ASSIGN(const StatusCounts now, count_changes(connection_));
  const bool altered = has_moved(marks_.counts, now, kAlter);
  if (altered || has_moved(marks_.counts, now, kRename)) {
    if (!marks_.single_times.contains(table.made_at)) return Look::changed;
  }
  if (altered) {
    RELAY_ASSIGN(const bool exchanged, may_have_exchanged(now));
    if (exchanged) return Look::changed;
  }
  return truncates_silently_ && has_moved(marks_.counts, now, kTruncate) ? Look::emptied : Look::same;
}

// EXCHANGE PARTITION swaps rows and leaves both tables the times at which they were made.
Result<bool> TableWatch::may_have_exchanged(const StatusCounts& now) {
  if (marks_.partitions || has_moved(marks_.counts, now, kDrop) || has_moved(marks_.counts, now, kDropDatabase))
    return true;
  if (now == partitions_at_) return partitions_;
  RELAY_ASSIGN(const auto found, connection_.query_value("SELECT COUNT(*)" + std::string(kFromTables) + " AND " +
                                                         std::string(kPartitioned)));
  partitions_ = found != "0";
  partitions_at_ = now;
  return partitions_;
}

}  // namespace relay::seed
