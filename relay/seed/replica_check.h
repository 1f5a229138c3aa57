#pragma once

#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/replica_position.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// What a replica is judged for.
struct ReplicaUse {
  bool resumed = false;  // some of the snapshot is there
  bool follows = true;   // it is to be given a position, too
  OwnTransactions own = OwnTransactions::kept;
  const FollowTarget* told = nullptr;  // an earlier run of the same load told it to follow this one, or was about to
};

// Judges the replica before anything is changed there: its version and settings, what is in it, whom it follows, and
// what the account may do. Every problem is added, each with its remedy. Errors: only those of a connection that
// breaks.
[[nodiscard]] base::Result<void> check_replica(source::SourceConnection& connection, const source::SourceFacts& replica,
                                               const KnownSnapshot& snapshot, const ReplicaUse& use,
                                               base::Problems& problems);

}  // namespace relay::seed
