#include "relay/seed/bucket_comparison.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace relay::seed {

namespace {

using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;

constexpr std::size_t kBucketBits = 16;
constexpr std::uint64_t kMostRows = 200'000;  // of one side that a recheck holds
// Before each round.
constexpr auto kBucketPauses = std::to_array<std::chrono::milliseconds>({0ms, 200ms, 1000ms, 2000ms, 3000ms});
constexpr int kRounds = 3;       // in which a difference is seen before it is one
constexpr int kMostRounds = 12;  // while rows come and go

std::size_t bucket_of(RowDigest digest) { return digest.high >> (64 - kBucketBits); }

std::uint64_t count_of(const std::map<RowDigest, std::uint64_t>& rows, const RowDigest& digest) {
  const auto found = rows.find(digest);
  return found == rows.end() ? 0 : found->second;
}

// What `rows` has more of than `others`: at least, by the lesser count of `rows` and `also`, and the larger one of
// `others` and `or_others`.
std::map<RowDigest, std::uint64_t> beyond(const std::map<RowDigest, std::uint64_t>& rows,
                                          const std::map<RowDigest, std::uint64_t>* also,
                                          const std::map<RowDigest, std::uint64_t>& others,
                                          const std::map<RowDigest, std::uint64_t>* or_others) {
  std::map<RowDigest, std::uint64_t> more;
  for (const auto& [digest, count] : rows) {
    const std::uint64_t certain = also == nullptr ? count : std::min(count, count_of(*also, digest));
    std::uint64_t there = count_of(others, digest);
    if (or_others != nullptr) there = std::max(there, count_of(*or_others, digest));
    if (certain > there) more[digest] = certain - there;
  }
  return more;
}

// Leaves of `known` what is in `now`.
void keep(std::map<RowDigest, std::uint64_t>& known, const std::map<RowDigest, std::uint64_t>& now) {
  for (auto& [digest, count] : known) count = std::min(count, count_of(now, digest));
  std::erase_if(known, [](const auto& entry) { return entry.second == 0; });
}

// Whether each bucket that is left has one of these rows.
bool are_all_of(std::vector<bool> buckets, std::initializer_list<const std::map<RowDigest, std::uint64_t>*> found) {
  for (const auto* const rows : found) {
    for (const auto& entry : *rows) buckets[bucket_of(entry.first)] = false;
  }
  return std::find(buckets.begin(), buckets.end(), true) == buckets.end();
}

std::uint64_t total(const std::map<RowDigest, std::uint64_t>& rows) {
  std::uint64_t sum = 0;
  for (const auto& [digest, count] : rows) sum += count;
  return sum;
}

}  // namespace

Result<void> BucketComparison::run() {
  RELAY_TRY(keep_up(comparing_, replica_.connection()));
  RELAY_ASSIGN(const Buckets source, sums(source_, &findings_.rows));
  RELAY_ASSIGN(const std::string place, comparing_.following.place(source_.connection()));
  RELAY_TRY(comparing_.following.wait_for(replica_.connection(), place, [] { return Result<void>(); }));
  RELAY_ASSIGN(const Buckets replica, sums(replica_, nullptr));
  std::vector<std::size_t> different;
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == replica[i]) continue;
    const std::uint64_t more = std::max(source[i].rows, replica[i].rows);
    // What memory has no room for is another recheck's.
    if (!different.empty() && rows + more > kMostRows) {
      RELAY_TRY(settle(std::exchange(different, {})));
      rows = 0;
      if (findings_.different_rows() >= TableFindings::kMostDifferences) {
        findings_.cut = true;
        return {};
      }
    }
    rows += more;
    different.push_back(i);
  }
  return different.empty() ? Result<void>() : settle(std::move(different));
}

Result<BucketComparison::Buckets> BucketComparison::sums(TableSide& side, std::uint64_t* rows) {
  Buckets buckets(std::size_t{1} << kBucketBits);
  RELAY_TRY(side.read_all([&](RowDigest digest) {
    buckets[bucket_of(digest)].add(digest);
    if (rows != nullptr) ++*rows;
  }));
  return buckets;
}

Result<BucketComparison::Pass> BucketComparison::rows_of(TableSide& side, const std::vector<bool>& chosen) {
  Pass pass;
  bool full = false;
  RELAY_TRY(side.read_all([&](RowDigest digest) {
    ++pass.all;
    if (!chosen[bucket_of(digest)]) return;
    // Many rows that are equal take the room of one.
    full = full || pass.rows.size() > 4 * kMostRows;
    if (!full) ++pass.rows[digest];
  }));
  if (full) return base::fail(ErrorKind::unsupported, "a table without a key grew too fast to be compared");
  return pass;
}

Result<BucketComparison::Looks> BucketComparison::look(const std::vector<bool>& chosen) {
  Looks looks;
  RELAY_ASSIGN(looks.before, rows_of(source_, chosen));
  RELAY_ASSIGN(const std::string place, comparing_.following.place(source_.connection()));
  RELAY_TRY(comparing_.following.wait_for(replica_.connection(), place, [] { return Result<void>(); }));
  RELAY_ASSIGN(looks.replica, rows_of(replica_, chosen));
  RELAY_ASSIGN(looks.after, rows_of(source_, chosen));
  return looks;
}

// Leaves out the buckets whose rows were the same at both sides, and at the source before and after.
void BucketComparison::drop_equal(std::vector<bool>& chosen, const Looks& looks) {
  std::vector<bool> differs(chosen.size());
  const auto compare = [&](const Rows& rows, const Rows& others) {
    for (const auto& [digest, count] : rows) {
      if (count_of(others, digest) != count) differs[bucket_of(digest)] = true;
    }
  };
  for (const Rows* const others : {&looks.replica.rows, &looks.after.rows}) {
    compare(looks.before.rows, *others);
    compare(*others, looks.before.rows);
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = chosen[i] && differs[i];
}

// A row is missing that the source had before and after, and extra that it had neither before nor after: as often as
// the counts say, in each round. A row that changes goes from bucket to bucket; that the replica has no such row at all
// is seen by the number of all its rows.
Result<void> BucketComparison::settle(std::vector<std::size_t> buckets) {
  std::vector<bool> chosen(std::size_t{1} << kBucketBits);
  for (const std::size_t bucket : buckets) chosen[bucket] = true;
  Rows missing;
  Rows extra;
  int steady = 0;  // rounds in which all of these were there, and nothing else
  bool settled = false;
  for (int round = 0; round < kMostRounds && !settled; ++round) {
    if (comparing_.stop.wait_for(kBucketPauses[std::min<std::size_t>(round, kBucketPauses.size() - 1)])) {
      return base::fail(ErrorKind::interrupted, "stopped");
    }
    RELAY_ASSIGN(const Looks looks, look(chosen));
    drop_equal(chosen, looks);
    const Rows lacks = beyond(looks.before.rows, &looks.after.rows, looks.replica.rows, nullptr);
    const Rows adds = beyond(looks.replica.rows, nullptr, looks.before.rows, &looks.after.rows);
    if (missing.empty() && extra.empty()) {
      missing = lacks;
      extra = adds;
      steady = 0;
    }
    keep(missing, lacks);
    keep(extra, adds);
    // As long as there is more, rows are on their way.
    steady = missing == lacks && extra == adds ? steady + 1 : 0;
    const bool complete =
        looks.replica.all + total(missing) >= std::min(looks.before.all, looks.after.all) + total(extra);
    const bool none = missing.empty() && extra.empty();
    settled = complete && (none || steady >= kRounds) && are_all_of(chosen, {&missing, &extra});
  }
  if (!settled) ++findings_.undecided;
  if (steady < kRounds) return {};
  findings_.add_unnamed(RowDifference::missing, total(missing));
  findings_.add_unnamed(RowDifference::extra, total(extra));
  return {};
}

}  // namespace relay::seed
