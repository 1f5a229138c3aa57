#pragma once

#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "relay/seed/manifest_reader.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// Judges the replica before anything is changed there: its version and settings, what is in it, whom it follows, and
// what the account may do. Every problem is added, each with its remedy. `resumed`: some of the snapshot is there.
// `follows`: it is to be given a position, too. Errors: only those of a connection that breaks.
[[nodiscard]] base::Result<void> check_replica(source::SourceConnection& connection, const source::SourceFacts& replica,
                                               const KnownSnapshot& snapshot, bool resumed, bool follows,
                                               base::Problems& problems);

}  // namespace relay::seed
