#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/keyed_comparison.h"
#include "relay/seed/table_side.h"
#include "relay/seed/verify_findings.h"

namespace relay::seed {

// Compares a table by its rows as a whole: one without a key, or whose key does not leave as it is, so that the
// replica's rows lie in another order. Each pass reads all rows of both sides and keeps sums of their digests in
// buckets; later passes look only at rows of buckets that differ, as many as memory is given to.
class BucketComparison {
 public:
  BucketComparison(const Comparing& comparing, TableSide& source, TableSide& replica, TableFindings& findings)
      : comparing_(comparing), source_(source), replica_(replica), findings_(findings) {}
  // Errors: as KeyedComparison::run().
  [[nodiscard]] base::Result<void> run();

 private:
  using Buckets = std::vector<RowSum>;
  using Rows = std::map<RowDigest, std::uint64_t>;  // how often each row is there
  struct Pass {
    Rows rows;              // of the chosen buckets
    std::uint64_t all = 0;  // of the table
  };
  struct Looks {
    Pass before, replica, after;
  };

  base::Result<Buckets> sums(TableSide& side, std::uint64_t* rows);
  base::Result<Pass> rows_of(TableSide& side, const std::vector<bool>& chosen);
  base::Result<void> settle(std::vector<std::size_t> buckets);
  base::Result<Looks> look(const std::vector<bool>& chosen);
  static void drop_equal(std::vector<bool>& chosen, const Looks& looks);

  const Comparing& comparing_;
  TableSide& source_;
  TableSide& replica_;
  TableFindings& findings_;
};

}  // namespace relay::seed
