#pragma once

#include <memory>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/journal.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

// What opening a spool repairs after a crash (FORMAT.md, "Recovery").

// Removes spool files that the index does not name: older ones (a purge was cut short), and one newer one that was made
// but never published. Errors: io; malformed when a newer file does hold transactions, for then the index is not the
// one of this spool.
[[nodiscard]] base::Result<void> remove_unindexed(base::FileSystem& files, const std::string& directory,
                                                  const SpoolIndex& index);

// The last spool file, checked and cut behind its last whole transaction that the journal knows.
struct RecoveredFile {
  std::unique_ptr<base::File> file;
  Journal journal;
  JournalRecord last;  // its spool_end is the end of the file
  GtidState gtids;     // of the stream up to there
};
// Errors: io; malformed, naming file and offset, when what was durable is damaged: that is never cut away.
[[nodiscard]] base::Result<RecoveredFile> recover_file(base::FileSystem& files, const SpoolIndex& index,
                                                       const SpoolFileEntry& entry);

}  // namespace relay::spool
