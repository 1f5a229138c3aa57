#pragma once

#include <optional>

#include "relay/app/configuration.h"
#include "relay/base/result.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/replica_position.h"

namespace relay::app {

// Where in the spool a replica goes on that was made of a snapshot of a source without GTIDs: the spool has the
// source's transactions at other places. None while the relay, which may be running, has not come as far as the
// snapshot. Of a spool that has nothing yet it is the beginning. Errors: io, malformed; configuration where the relay
// would begin elsewhere; rule where the spool does not have the snapshot's place.
[[nodiscard]] base::Result<std::optional<seed::FollowPlace>> find_spool_place(base::FileSystem& files,
                                                                              const Configuration& configuration,
                                                                              const seed::KnownSnapshot& snapshot);

}  // namespace relay::app
