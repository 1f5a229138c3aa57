#pragma once

#include <functional>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::app {

// Describes every event of the binlog file `path`, one line each: place, type, size, and what can be told without a
// value or a statement: GTIDs, table names, columns, kinds of statement. `json` makes each line a JSON object. Where a
// journal lies beside the file (a spool file), each transaction's end says what was done to the source's events. Lines
// before an error are written. Errors: io, malformed (names the offset).
[[nodiscard]] base::Result<void> inspect_file(base::FileSystem& files, const std::string& path, bool json,
                                              const std::function<void(const std::string&)>& write_line);

}  // namespace relay::app
