#pragma once

#include <cstdint>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/spool_index.h"

namespace relay::spool {

// What the journals say of the transactions that end in (from, to].
struct JournalSum {
  std::uint64_t transactions = 0;  // that left something
  std::uint64_t events_kept = 0, events_replaced = 0, events_dropped = 0;
};

// Files that were purged count for nothing. Errors: io, malformed.
[[nodiscard]] base::Result<JournalSum> sum_journals(base::FileSystem& files, const SpoolIndex& index,
                                                    const SpoolPosition& from, const SpoolPosition& to);

}  // namespace relay::spool
