#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "relay/app/configuration.h"
#include "relay/base/result.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/replica_position.h"

namespace relay::app {

// Where in the spool a replica goes on that was made of a snapshot of a source without GTIDs: the spool has the
// source's transactions at other places. None while the relay, which may be running, has not come as far as the
// snapshot. Of a spool that has nothing yet it is the beginning. Errors: io, malformed; configuration where the relay
// would begin elsewhere; rule where the spool does not have the snapshot's place. `head_end` says where in the
// snapshot's file of the source the first event lies that is not about the file itself, none where that is not known:
// an idle source may stand there, and the relay notes transactions alone.
using HeadEnd = std::function<std::optional<std::uint64_t>()>;
[[nodiscard]] base::Result<std::optional<seed::FollowPlace>> find_spool_place(base::FileSystem& files,
                                                                              const Configuration& configuration,
                                                                              const seed::KnownSnapshot& snapshot,
                                                                              const HeadEnd& head_end);
// Asks the source for it.
[[nodiscard]] base::Result<std::uint64_t> read_head_end(const Configuration& configuration, const std::string& file);

}  // namespace relay::app
