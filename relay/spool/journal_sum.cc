#include "relay/spool/journal_sum.h"

#include <limits>

#include "relay/spool/journal.h"

namespace relay::spool {

namespace {

using base::Result;

Result<void> add_file(const Journal& journal, std::uint64_t behind, std::uint64_t up_to, JournalSum& sum) {
  std::uint64_t end = 0;
  // The first record is that of the opening events.
  for (std::uint64_t i = 0; i < journal.record_count(); ++i) {
    RELAY_ASSIGN(const JournalRecord record, journal.record(i));
    const bool is_transaction = i > 0 && record.spool_end > end;
    end = record.spool_end;
    if (record.spool_end <= behind || record.spool_end > up_to) continue;
    if (is_transaction) ++sum.transactions;
    sum.events_kept += record.events_kept;
    sum.events_replaced += record.events_replaced;
    sum.events_dropped += record.events_dropped;
  }
  return {};
}

}  // namespace

Result<JournalSum> sum_journals(base::FileSystem& files, const SpoolIndex& index, const SpoolPosition& from,
                                const SpoolPosition& to) {
  JournalSum sum;
  for (const SpoolFileEntry& entry : index.entries()) {
    if (entry.number < from.file || entry.number > to.file) continue;
    RELAY_ASSIGN(const Journal journal, Journal::open_to_read(files, index.journal_path(entry.number)));
    const std::uint64_t behind = entry.number == from.file ? from.offset : 0;
    const std::uint64_t up_to = entry.number == to.file ? to.offset : std::numeric_limits<std::uint64_t>::max();
    RELAY_TRY(add_file(journal, behind, up_to, sum));
  }
  return sum;
}

}  // namespace relay::spool
