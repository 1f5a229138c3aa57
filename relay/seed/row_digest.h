#pragma once

#include <array>
#include <cstdint>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::seed {

// 128 bits that stand for a row.
struct RowDigest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const RowDigest&, const RowDigest&) = default;
};

// Makes digests under a key that is drawn by chance and that nobody else knows: whoever writes the rows cannot make two
// that have one digest, nor sets of rows whose sums are equal. Any thread may use it.
class RowHasher {
 public:
  // Errors: unsupported, where the system has no random numbers.
  [[nodiscard]] static base::Result<RowHasher> make();
  [[nodiscard]] RowDigest digest(base::ByteView row) const;

 private:
  using Key = std::array<std::uint8_t, 32>;
  explicit RowHasher(const Key& key) : key_(key) {}
  Key key_;
};

// A multiset of rows: how many there are, and the sum of their digests. Two that are equal have the same rows.
struct RowSum {
  std::uint64_t rows = 0;
  RowDigest sum;
  void add(RowDigest digest) {
    ++rows;
    sum.low += digest.low;
    sum.high += digest.high + (sum.low < digest.low ? 1 : 0);
  }
  friend auto operator<=>(const RowSum&, const RowSum&) = default;
};

}  // namespace relay::seed
