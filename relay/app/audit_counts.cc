#include "relay/app/audit_counts.h"

#include <algorithm>

namespace relay::app {

namespace {

using base::Result;
using spool::TableCounts;

constexpr std::chrono::hours kInterval{1};

TableCounts as_counts(const scrub_rules::TableTally& tally) {
  TableCounts counts{tally.table, tally.events_kept, tally.events_rewritten, tally.events_denied, tally.rows, {}};
  for (const auto& column : tally.columns) counts.columns.push_back({column.column, column.kept, column.altered, column.dropped});
  return counts;
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
  spool::AuditEntry entry("counts");
  entry.add("counted_to", to).add("transactions", transactions_);
  entry.add("events_kept", events_kept_).add("events_replaced", events_replaced_).add("events_dropped", events_dropped_);
  RELAY_TRY(audit_.append(entry.add(tables_)));
  tables_.clear();
  transactions_ = events_kept_ = events_replaced_ = events_dropped_ = 0;
  written_ = std::chrono::steady_clock::now();
  return {};
}

}  // namespace relay::app
