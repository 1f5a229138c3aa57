#pragma once

#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::app {

// The relay's own uuid, kept in `directory`/server_uuid and made at random the first time: sources and replicas know
// the relay by it.
[[nodiscard]] base::Result<std::string> own_uuid(base::FileSystem& files, const std::string& directory);

// The same where it was made already; empty where it was not, or cannot be read.
[[nodiscard]] std::string known_uuid(base::FileSystem& files, const std::string& directory);

}  // namespace relay::app
