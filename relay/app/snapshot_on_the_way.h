#pragma once

#include <string>

#include "relay/app/configuration.h"
#include "relay/app/preflight.h"
#include "relay/base/problem.h"
#include "relay/base/result.h"

namespace relay::app {

// The folder for a snapshot that is only on its way to the replica of a URL: beside the spool, and the same for each
// try, so that an interrupted one goes on. Errors: those of the URL.
[[nodiscard]] base::Result<std::string> folder_on_the_way(const Configuration& configuration, const std::string& url);

// Whether a folder holds a snapshot, of this source and of the rules with this digest, that was made to its end.
// Errors: those of reading its manifest; configuration where it is one of another source or of other rules.
[[nodiscard]] base::Result<bool> is_finished_snapshot(const std::string& directory, const std::string& rules_digest,
                                                      const source::SourceFacts& source);

// Judges the replica before a snapshot is made for it, as far as that can be told without the snapshot.
[[nodiscard]] base::Result<void> check_replica_early(const Configuration& configuration, const std::string& url,
                                                     const Preflight& judged, base::Problems& problems);

// Removes a snapshot with its folder. Cut short, it leaves what counts as a snapshot that was not finished.
[[nodiscard]] base::Result<void> remove_snapshot(const std::string& directory);

}  // namespace relay::app
