#include "relay/seed/keyed_comparison.h"

#include <algorithm>

namespace relay::seed {

namespace {

using base::Result;
using namespace std::chrono_literals;

constexpr std::uint64_t kFirstRows = 100;         // rows, which may be of any size
constexpr std::uint64_t kMostChunkRows = 20'000;  // rows
constexpr std::uint64_t kRowsGrowth = 10;
constexpr std::uint64_t kSlack = 1000;  // rows that the replica may have more than the source in a range
constexpr auto kChunkTime = 1s;
constexpr auto kSettleEvery = 30s;
constexpr std::size_t kNamedRows = 100;

std::vector<KeyValues> different_keys(const KeyedRows& a, const KeyedRows& b) {
  std::vector<KeyValues> keys;
  for (const auto& [key, sum] : a.at) {
    if (b.find(key) != sum) keys.push_back(key);
  }
  for (const auto& [key, sum] : b.at) {
    if (!a.at.contains(key)) keys.push_back(key);
  }
  return keys;
}

}  // namespace

Result<void> keep_up(const Comparing& comparing, source::SourceConnection& replica) {
  ++comparing.progress.waiting;
  auto kept = comparing.following.keep_up(replica, comparing.max_lag);
  --comparing.progress.waiting;
  return kept;
}

Result<void> KeyedComparison::run(std::optional<KeyValues> after) {
  std::uint64_t most = kFirstRows;
  for (;;) {
    RELAY_TRY(keep_up(comparing_, replica_.connection()));
    const Clock::time_point begin = Clock::now();
    RELAY_ASSIGN(const Chunk chunk, read_chunk(after, most));
    const auto taken = Clock::now() - begin;
    findings_.rows += chunk.source.rows;
    RELAY_TRY(add_suspects(chunk));
    const bool last = !chunk.range.up_to || findings_.cut;
    if (last || pending_.size() >= KeySettling::kMostKeys || Clock::now() - settled_ > kSettleEvery) {
      RELAY_TRY(settle_pending());
      if (!last) RELAY_TRY(done_(*chunk.range.up_to));
    }
    if (last) return {};
    after = chunk.range.up_to;
    const double factor = std::chrono::duration<double>(kChunkTime) / std::max<Clock::duration>(taken, 1ms);
    const auto fitting = static_cast<std::uint64_t>(static_cast<double>(most) * factor);
    const std::uint64_t bytes =
        std::max<std::uint64_t>(1, chunk.source.key_bytes) / std::max<std::uint64_t>(1, chunk.source.rows);
    const std::uint64_t in_memory = KeyedRows::kUsualKeyBytes / std::max<std::uint64_t>(1, bytes);
    most = std::clamp<std::uint64_t>(fitting, 1, std::min({kMostChunkRows, most * kRowsGrowth, in_memory}));
  }
}

Result<KeyedComparison::Chunk> KeyedComparison::read_chunk(std::optional<KeyValues> after, std::uint64_t most) {
  Chunk chunk;
  chunk.range.after = std::move(after);
  RELAY_ASSIGN(chunk.source, source_.read(chunk.range, most));
  // The last range has no end: rows of the replica behind the source's last are in it.
  if (chunk.source.rows == most) chunk.range.up_to = chunk.source.last;
  const std::uint64_t bound = most + kSlack;
  RELAY_ASSIGN(chunk.replica, replica_.read(chunk.range, bound));
  if (chunk.replica.rows < bound) return chunk;
  chunk.range.up_to = chunk.replica.last;
  // About the source's rows that were read, or as many as the replica's: unless the replica sends keys that are none of
  // the range.
  const std::uint64_t more = 2 * bound;
  RELAY_ASSIGN(chunk.source, source_.read(chunk.range, more));
  if (chunk.source.rows < more) return chunk;
  return base::fail(
      base::Error(base::ErrorKind::malformed, "the replica has a key's rows in another order than the source")
          .remedy("see whether its collations are the source's"));
}

Result<void> KeyedComparison::add_suspects(const Chunk& chunk) {
  std::vector<KeyValues> keys = different_keys(chunk.source, chunk.replica);
  if (keys.size() > KeySettling::kMostKeys) {
    RELAY_TRY(settle_pending());  // findings are in the key's order
    return settle(std::move(keys), chunk.range);
  }
  pending_.insert(pending_.end(), std::make_move_iterator(keys.begin()), std::make_move_iterator(keys.end()));
  return {};
}

Result<void> KeyedComparison::settle_pending() {
  while (!pending_.empty()) {
    const std::size_t count = std::min(KeySettling::kMostKeys, pending_.size());
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<KeyValues> keys(std::make_move_iterator(pending_.begin()), std::make_move_iterator(end));
    pending_.erase(pending_.begin(), end);
    RELAY_TRY(settle(std::move(keys), {}));
  }
  settled_ = Clock::now();
  return {};
}

Result<void> KeyedComparison::settle(std::vector<KeyValues> keys, const KeyRange& range) {
  ++comparing_.progress.waiting;
  auto settled = settling_.settle(std::move(keys), range);
  --comparing_.progress.waiting;
  RELAY_TRY(settled);
  findings_.undecided += settled->undecided;
  std::ranges::sort(settled->different, is_less, &std::pair<RowDifference, KeyValues>::second);
  for (const auto& [kind, key] : settled->different) findings_.add(kind, source_.key(), key);
  return name_columns(settled->different);
}

Result<void> KeyedComparison::name_columns(const std::vector<std::pair<RowDifference, KeyValues>>& different) {
  const std::vector<std::string> names = source_.written_columns();
  for (const auto& [kind, key] : different) {
    if (kind != RowDifference::changed) continue;
    if (++named_ > kNamedRows) return {};
    RELAY_ASSIGN(const auto at_source, source_.columns_at(key));
    RELAY_ASSIGN(const auto at_replica, replica_.columns_at(key));
    if (!at_source || !at_replica) continue;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((*at_source)[i] != (*at_replica)[i]) findings_.columns.insert(names[i]);
    }
  }
  return {};
}

}  // namespace relay::seed
