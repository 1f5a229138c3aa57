#include "relay/seed/bucket_comparison.h"

#include <algorithm>
#include <array>
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

Result<BucketComparison::Rows> BucketComparison::rows_of(TableSide& side, const std::vector<bool>& chosen) {
  Rows rows;
  std::uint64_t held = 0;
  RELAY_TRY(side.read_all([&](RowDigest digest) {
    if (!chosen[bucket_of(digest)]) return;
    if (++held <= 4 * kMostRows) ++rows[digest];
  }));
  if (held > 4 * kMostRows) {
    return base::fail(ErrorKind::unsupported, "a table without a key grew too fast to be compared");
  }
  return rows;
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

// A row is missing that the source had before and after, and extra that it had neither before nor after: as often as
// the counts say, in each round.
Result<void> BucketComparison::settle(std::vector<std::size_t> buckets) {
  std::vector<bool> chosen(std::size_t{1} << kBucketBits);
  for (const std::size_t bucket : buckets) chosen[bucket] = true;
  Rows missing;
  Rows extra;
  int seen = 0;    // rounds in which all of these were there
  int steady = 0;  // and nothing else
  for (int round = 0; round < kMostRounds; ++round) {
    if (comparing_.stop.wait_for(kBucketPauses[std::min<std::size_t>(round, kBucketPauses.size() - 1)])) {
      return base::fail(ErrorKind::interrupted, "stopped");
    }
    RELAY_ASSIGN(const Looks looks, look(chosen));
    const Rows lacks = beyond(looks.before, &looks.after, looks.replica, nullptr);
    const Rows adds = beyond(looks.replica, nullptr, looks.before, &looks.after);
    if (lacks.empty() && adds.empty()) return {};
    if (missing.empty() && extra.empty()) {
      missing = lacks;
      extra = adds;
      seen = 0;
    }
    keep(missing, lacks);
    keep(extra, adds);
    ++seen;
    // As long as there is more, rows are on their way.
    steady = missing == lacks && extra == adds ? steady + 1 : 0;
    if (steady >= kRounds) break;
  }
  if (seen < kRounds || (missing.empty() && extra.empty())) {
    ++findings_.undecided;
    return {};
  }
  findings_.add_unnamed(RowDifference::missing, total(missing));
  findings_.add_unnamed(RowDifference::extra, total(extra));
  return {};
}

}  // namespace relay::seed
