#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/replica_progress.h"
#include "relay/seed/table_side.h"
#include "relay/seed/verify_findings.h"

namespace relay::seed {

// What became of keys at which both sides were not equal.
struct SettledKeys {
  std::vector<std::pair<RowDifference, KeyValues>> different;
  std::uint64_t undecided = 0;  // changed at every look
};

// Looks again at keys at which source and replica were not equal when they were read one after the other, while both go
// on. In each round the source is read, then the replica when it has applied all that the source had done by then, then
// the source again. A key is equal once the replica has there what the source had in the same round, and different
// only where neither side changed in any round, or where one side never had a row and the other always did.
class KeySettling {
 public:
  static constexpr std::size_t kMostKeys = 1000;         // that are looked at one by one
  static constexpr std::uint64_t kMostRows = 1'000'000;  // of a range that is read as a whole

  KeySettling(TableSide& source, TableSide& replica, const ReplicaProgress& following, const base::StopToken& stop)
      : source_(source), replica_(replica), following_(following), stop_(stop) {}

  // `range` is where the keys are; it is read as a whole while there are more than kMostKeys of them.
  [[nodiscard]] base::Result<SettledKeys> settle(std::vector<KeyValues> keys, const KeyRange& range);

 private:
  struct Candidate {
    std::optional<RowSum> source, replica;  // as first seen
    bool steady = true;                     // neither has changed since
    bool source_has = true;                 // at every look
    bool source_lacks = true;               // at every look
    bool replica_has = true;
    bool replica_lacks = true;
    bool matched = false;  // in this round
  };
  using Candidates = std::map<KeyValues, Candidate>;
  struct Looks {
    std::vector<KeyedRows> source, replica;
  };

  base::Result<Looks> look(const Candidates& candidates, const KeyRange& range, bool closely);
  static void judge(Candidates& candidates, const Looks& looks);
  [[nodiscard]] static SettledKeys outcome(const Candidates& candidates);

  TableSide& source_;
  TableSide& replica_;
  const ReplicaProgress& following_;
  const base::StopToken& stop_;
};

}  // namespace relay::seed
