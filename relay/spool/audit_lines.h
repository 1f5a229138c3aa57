#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

// The lines of the audit record (FORMAT.md, "Audit record"): the entry's hash, a space, the entry, a newline. The hash
// goes over the hash of the entry before and the entry, so no entry can change, go or move without every later hash
// showing it.

inline constexpr const char* kAuditLogName = "/audit.log";
inline constexpr const char* kAuditHeadName = "/audit.head";
// Of a line in bytes. Who writes keeps his entries below it.
inline constexpr std::size_t kMaximumAuditLine = std::size_t{64} << 20;

// In the place of a hash before the first entry.
[[nodiscard]] std::string first_audit_hash();
[[nodiscard]] std::string audit_hash(std::string_view before, std::string_view entry);

struct AuditLine {
  std::string_view hash;
  std::string_view entry;
};
// Without its newline; none when it has not the form of a line.
[[nodiscard]] std::optional<AuditLine> split_audit_line(std::string_view line);

// Gives `each` every whole line from `offset` on, without its newline, and the offset behind it, until `each` fails.
// Returns the offset behind the last whole line: what follows was torn off by a crash. Errors: io; malformed for a line
// longer than kMaximumAuditLine; those of `each`.
[[nodiscard]] base::Result<std::uint64_t> for_each_audit_line(
    base::File& file, std::uint64_t offset,
    const std::function<base::Result<void>(std::string_view line, std::uint64_t end)>& each);

// The end of the record as it was last known, kept in a file of its own ("audit.head"): a witness against a record that
// was cut short, and what a starting process needs to know of the entries.
struct AuditHead {
  std::uint64_t entries = 0;
  std::string hash;         // of the last entry
  std::uint64_t bytes = 0;  // of the record
  // As the entries last said.
  std::string rules;       // digest
  std::string source;      // identity
  std::string resolution;  // id of the last one carried out
  SpoolPosition counted_to;
  // Of what the entries last said.
  [[nodiscard]] bool says_the_same(const AuditHead& other) const {
    return rules == other.rules && source == other.source && resolution == other.resolution &&
           counted_to == other.counted_to;
  }
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};
[[nodiscard]] std::string encode_audit_head(const AuditHead& head);
[[nodiscard]] std::optional<AuditHead> decode_audit_head(std::string_view text);
// Of `directory`; none when there is no such file. Errors: io; malformed when it is no head.
[[nodiscard]] base::Result<std::optional<AuditHead>> read_audit_head(base::FileSystem& files,
                                                                     const std::string& directory);

// Takes into `head` what an entry says; its number too. False when the text is no entry.
[[nodiscard]] bool note_audit_entry(std::string_view entry, AuditHead& head);

}  // namespace relay::spool
