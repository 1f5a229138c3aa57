#pragma once

#include <memory>
#include <string>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/spool/audit_entry.h"
#include "relay/spool/audit_lines.h"

namespace relay::spool {

// The audit record of a spool: "audit.log" and, as a witness of its end, "audit.head" (FORMAT.md). Only ever appended
// to. Any thread may append.
class AuditRecord {
 public:
  // Opens the record in `directory` or begins one; cuts off what a crash has torn. Reads all of it. Errors: io;
  // malformed when its chain is broken, or it does not reach as far as its head says: then it was changed, and nothing
  // goes on without it.
  [[nodiscard]] static base::Result<std::unique_ptr<AuditRecord>> open(base::FileSystem& files, std::string directory);

  // The entry is on the disk when this returns. After an error it is not in the record. `time` is UTC, for people.
  // Errors: io, also where the file was moved or removed; unsupported for an entry longer than kMaximumAuditLine.
  [[nodiscard]] base::Result<void> append(const AuditEntry& entry, std::string_view time);
  // Where the record ends, and what its entries last said.
  [[nodiscard]] AuditHead head() const;
  // How many bytes behind the last entry open() cut off.
  [[nodiscard]] std::uint64_t cut_bytes() const { return cut_bytes_; }

 private:
  AuditRecord(base::FileSystem& files, std::string directory, std::unique_ptr<base::File> file)
      : files_(files), directory_(std::move(directory)), file_(std::move(file)) {}
  [[nodiscard]] base::Result<void> recover(const AuditHead& known);

  base::FileSystem& files_;
  std::string directory_;
  std::unique_ptr<base::File> file_;
  std::uint64_t cut_bytes_ = 0;
  mutable base::Mutex mutex_;
  AuditHead head_ RELAY_GUARDED_BY(mutex_);
  bool torn_ RELAY_GUARDED_BY(mutex_) = false;  // bytes of a failed append may lie behind the end
};

}  // namespace relay::spool
