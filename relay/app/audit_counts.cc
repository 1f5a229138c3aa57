#include "relay/app/audit_counts.h"

#include <algorithm>

namespace relay::app {

namespace {

using base::Result;
using spool::TableCounts;

constexpr std::chrono::hours kInterval{1};
// Tables and columns of one entry: with the longest names about 10 MiB, far below the longest line of the record.
constexpr std::size_t kItemsOfAnEntry = 20'000;

TableCounts as_counts(const scrub_rules::TableTally& tally) {
  TableCounts counts{tally.table, tally.events_kept, tally.events_rewritten, tally.events_denied, tally.rows, {}};
  for (const auto& column : tally.columns)
    counts.columns.push_back({column.column, column.kept, column.altered, column.dropped});
  return counts;
}

// The first tables of `tables`, as many as go into one entry; at least one.
std::vector<TableCounts> part_of(const std::vector<TableCounts>& tables) {
  std::size_t items = 0, count = 0;
  while (count < tables.size()) {
    items += 1 + tables[count].columns.size();
    if (count > 0 && items > kItemsOfAnEntry) break;
    ++count;
  }
  return {tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

void AuditCounts::commit(const spool::SpoolWriter::Commit& commit) {
  tally_.commit();
  ++transactions_;
  events_kept_ += commit.events_kept;
  events_replaced_ += commit.events_replaced;
  events_dropped_ += commit.events_dropped;
}

bool AuditCounts::due() const { return transactions_ > 0 && std::chrono::steady_clock::now() - written_ >= kInterval; }

Result<void> AuditCounts::write(const spool::SpoolPosition& to) {
  if (transactions_ == 0) return {};
  for (const auto& tally : tally_.take()) tables_.push_back(as_counts(tally));
  for (bool is_last = false; !is_last;) {
    const std::vector<TableCounts> part = part_of(tables_);
    is_last = part.size() == tables_.size();
    spool::AuditEntry entry("counts");
    if (is_last) {
      entry.add("counted_to", to).add("transactions", transactions_);
      entry.add("events_kept", events_kept_)
          .add("events_replaced", events_replaced_)
          .add("events_dropped", events_dropped_);
    }
    RELAY_TRY(audit_.append(entry.add(part)));
    tables_.erase(tables_.begin(), tables_.begin() + static_cast<std::ptrdiff_t>(part.size()));
  }
  transactions_ = events_kept_ = events_replaced_ = events_dropped_ = 0;
  written_ = std::chrono::steady_clock::now();
  return {};
}

}  // namespace relay::app
