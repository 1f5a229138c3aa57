#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/audit_lines.h"

namespace relay::spool {

// What is wrong with an audit record, and where.
struct AuditFault {
  std::uint64_t line = 0;  // of audit.log, from 1; behind the last one for what is missing there
  std::string what;
};

struct AuditCheck {
  std::uint64_t entries = 0;
  std::string hash;                  // of the last entry
  std::uint64_t beyond_head = 0;     // entries that audit.head does not know of yet: a crash leaves one
  std::vector<AuditFault> faults;    // the first hundred
  std::vector<std::string> missing;  // of the hashes that were asked for, those that no entry has
};

// Reads the whole record of `directory`, also beside a running writer, and changes nothing. `noted`: hashes that
// somebody wrote down elsewhere. Errors: io, and malformed for what is no audit record at all.
[[nodiscard]] base::Result<AuditCheck> check_audit_record(base::FileSystem& files, const std::string& directory,
                                                          const std::vector<std::string>& noted = {});

}  // namespace relay::spool
