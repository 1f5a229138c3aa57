#pragma once

#include <string>

#include "relay/app/configuration.h"
#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::app {

// Keeps what the spool has from now on for the snapshot that is made in `folder`; the relay may be running. Without a
// spool there is nothing to keep: the relay begins it at the snapshot's position. Errors: io, malformed.
[[nodiscard]] base::Result<void> hold_spool(base::FileSystem& files, const Configuration& configuration,
                                            const std::string& folder);
// A replica was made of it, and follows. Errors: io.
[[nodiscard]] base::Result<void> release_spool(base::FileSystem& files, const Configuration& configuration,
                                               const std::string& folder);

}  // namespace relay::app
