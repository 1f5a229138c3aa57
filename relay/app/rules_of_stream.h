#pragma once

#include <string>

#include "relay/app/configuration.h"
#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::app {

// A replica that is made by one set of rules and follows a stream that is made by another is wrong, and nothing would
// say so: pseudonyms of two keys in one column, values in the column beside theirs. Both succeed where there is no
// spool yet, or an empty one. Errors: io, malformed; configuration where the rules do not fit.

// Whether the rules of `digest`, by which a snapshot is to be made, are those that the spool goes on under.
[[nodiscard]] base::Result<void> check_rules_of_stream(base::FileSystem& files, const Configuration& configuration,
                                                       const std::string& digest);
// Whether the spool was ever written under the rules of `digest`, by which a snapshot was made: a relay takes others
// only where replicas stay right.
[[nodiscard]] base::Result<void> check_rules_of_snapshot(base::FileSystem& files, const Configuration& configuration,
                                                         const std::string& digest);

}  // namespace relay::app
