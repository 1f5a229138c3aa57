#include "relay/spool/audit_check.h"

#include <algorithm>
#include <optional>

#include "relay/spool/audit_record.h"

namespace relay::spool {

namespace {

using base::Result;

constexpr std::size_t kMaximumFaults = 100;

class Checker {
 public:
  Checker(std::optional<AuditHead> head, std::vector<std::string> noted) : head_(std::move(head)) {
    check_.missing = std::move(noted);
    check_.hash = first_audit_hash();
  }

  void take(std::string_view line) {
    ++line_;
    const auto parts = split_audit_line(line);
    AuditHead entry = said_;
    if (!parts || !note_audit_entry(parts->entry, entry)) return fault("is no entry");
    if (parts->hash != audit_hash(check_.hash, parts->entry)) {
      fault(
          "does not follow from the entry before it: one of the two was changed, or entries were removed, added or "
          "moved here");
    }
    if (entry.entries != check_.entries + 1) fault("has not the number behind that of the entry before it");
    check_.entries = entry.entries;
    check_.hash = parts->hash;
    std::erase(check_.missing, check_.hash);
    if (head_ && entry.entries == head_->entries) {
      found_head_ = parts->hash == head_->hash;
      says_the_same_ = entry.says_the_same(*head_);
    }
    if (head_ && entry.entries > head_->entries) ++check_.beyond_head;
    said_ = std::move(entry);
  }

  AuditCheck finish(bool has_tail) {
    ++line_;
    if (!head_) {
      fault("audit.head is missing or no head: entries may be missing at the end");
    } else if (head_->entries > check_.entries) {
      fault("entries are missing at the end: audit.head knows of more");
    } else if (head_->entries > 0 ? !found_head_ : head_->hash != first_audit_hash()) {
      fault("the entry that audit.head names is another one");
    } else if (!says_the_same_) {
      fault("audit.head says other things than the entries up to the one that it names");
    }
    // The writer may be at work on it, or was when it was killed.
    if (has_tail) check_.beyond_head += 1;
    return std::move(check_);
  }

 private:
  void fault(std::string what) {
    if (check_.faults.size() < kMaximumFaults) check_.faults.push_back({line_, std::move(what)});
  }

  std::optional<AuditHead> head_;
  AuditCheck check_;
  std::uint64_t line_ = 0;
  AuditHead said_;  // by the entries so far
  bool found_head_ = false;
  bool says_the_same_ = true;
};

}  // namespace

Result<AuditCheck> check_audit_record(base::FileSystem& files, const std::string& directory,
                                      const std::vector<std::string>& noted) {
  auto head = read_audit_head(files, directory);
  if (!head && head.error().kind() != base::ErrorKind::malformed) return tl::unexpected(std::move(head.error()));
  RELAY_ASSIGN(const auto file, files.open(directory + kAuditLogName, base::OpenMode::read));
  Checker checker(head ? std::move(*head) : std::nullopt, noted);
  RELAY_ASSIGN(const std::uint64_t end, for_each_audit_line(*file, 0, [&](std::string_view line, std::uint64_t) {
                 checker.take(line);
                 return Result<void>();
               }));
  RELAY_ASSIGN(const std::uint64_t size, file->size());
  return checker.finish(size > end);
}

}  // namespace relay::spool
