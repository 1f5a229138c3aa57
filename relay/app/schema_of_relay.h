#pragma once

#include <optional>
#include <string>

#include "relay/app/schema_text.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/spool_types.h"

namespace relay::app {

// The beginning of a binary log file, as far as it tells which file that is.
struct FileStart {
  std::string name;            // without its directory
  std::string server_version;  // of its format description
  std::string source_id;       // MariaDB's (spool::SourceIdentity); a MySQL file does not tell it
  spool::GtidState gtids_before;
};

// The schema at the beginning of `file`, from the history that the relay keeps in its spool, which may be in use. None
// when the spool does not hold that file from its beginning, or the history does not reach back to it or is another's.
// Errors: io, malformed.
[[nodiscard]] base::Result<std::optional<KnownSchema>> schema_of_relay(base::FileSystem& files,
                                                                       const std::string& spool_directory,
                                                                       const FileStart& file);

}  // namespace relay::app
