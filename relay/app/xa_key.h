#pragma once

#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"

namespace relay::app {

// The secret that names of XA transactions are made pseudonyms with, kept in `directory`/xa.key and made at random the
// first time. It goes with the spool: a transaction that was prepared under one key cannot be found under another.
[[nodiscard]] base::Result<base::Secret> xa_key(base::FileSystem& files, const std::string& directory);

}  // namespace relay::app
