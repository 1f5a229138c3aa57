#include "relay/spool/spool_purge.h"

#include <algorithm>
#include <vector>

namespace relay::spool {

namespace {

using base::Result;

Result<std::uint64_t> size_of(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return std::uint64_t{0};
  RELAY_ASSIGN(const auto file, files.open(path, base::OpenMode::read));
  return file->size();
}

// How many of the oldest files are older than `age`. A file is finished when the next one is made.
std::size_t count_aged(const std::vector<SpoolFileEntry>& entries, std::chrono::seconds age, std::uint32_t now) {
  std::size_t count = 0;
  while (count + 1 < entries.size()) {
    const std::int64_t finished = entries[count + 1].created;
    if (std::int64_t{now} - finished <= age.count()) break;
    ++count;
  }
  return count;
}

// How many of the oldest files have to go for the rest to fit.
Result<std::size_t> count_above(base::FileSystem& files, const SpoolIndex& index,
                                const std::vector<SpoolFileEntry>& entries, std::uint64_t maximum) {
  std::uint64_t total = 0;
  for (std::size_t kept = entries.size(); kept > 0; --kept) {
    const std::uint32_t number = entries[kept - 1].number;
    RELAY_ASSIGN(const std::uint64_t spool_size, size_of(files, index.path(number)));
    RELAY_ASSIGN(const std::uint64_t journal_size, size_of(files, index.journal_path(number)));
    total += spool_size + journal_size;
    if (total > maximum) return kept;
  }
  return std::size_t{0};
}

// The file in which the last `bytes` before the file `number` begin.
Result<std::uint32_t> first_in_flight(base::FileSystem& files, const SpoolIndex& index,
                                      const std::vector<SpoolFileEntry>& entries, std::uint32_t number,
                                      std::uint64_t bytes) {
  std::uint64_t total = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend() && total < bytes; ++entry) {
    if (entry->number >= number) continue;
    RELAY_ASSIGN(const std::uint64_t size, size_of(files, index.path(entry->number)));
    total += size;
    number = entry->number;
  }
  return number;
}

}  // namespace

Result<std::size_t> purge(base::FileSystem& files, SpoolIndex& index, const SpoolLeases& leases,
                          const KeepPolicy& policy, std::optional<std::uint32_t> lowest_needed,
                          std::span<const SpoolHold> holds, std::uint32_t now) {
  const std::vector<SpoolFileEntry> entries = index.entries();
  if (entries.size() < 2) return std::size_t{0};
  std::size_t count = 0;
  if (policy.age) count = count_aged(entries, *policy.age, now);
  if (policy.size) {
    RELAY_ASSIGN(const std::size_t above, count_above(files, index, entries, *policy.size));
    count = std::max(count, above);
  }
  count = std::min(count, entries.size() - 1);
  const auto hold = [&](std::optional<std::uint32_t> number) {
    while (number && count > 0 && entries[count - 1].number >= *number) --count;
  };
  if (lowest_needed && count > 0) {
    RELAY_ASSIGN(lowest_needed, first_in_flight(files, index, entries, *lowest_needed, policy.in_flight));
  }
  hold(lowest_needed);
  hold(leases.lowest());
  for (const SpoolHold& held : holds) {
    if (held.until > now) hold(held.from);
  }
  if (count > 0) RELAY_TRY(index.remove_oldest(count));
  return count;
}

}  // namespace relay::spool
