#include "relay/spool/audit_record.h"

#include "relay/base/byte_view.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

tl::unexpected<Error> not_as_known(const std::string& path) {
  return base::fail(Error(ErrorKind::malformed, "the audit record is not what audit.head says")
                        .about(path)
                        .remedy("`audit --verify` says where; restore both from a backup, or move both away: a new "
                                "record begins, and says so"));
}

}  // namespace

// A new record gets its head before its first entry: a record without one was tampered with.
Result<std::unique_ptr<AuditRecord>> AuditRecord::open(base::FileSystem& files, std::string directory) {
  const std::string path = directory + kAuditLogName;
  RELAY_ASSIGN(std::optional<AuditHead> head, read_audit_head(files, directory));
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (head && !there) return not_as_known(path);
  RELAY_ASSIGN(auto file, files.open(path, there ? base::OpenMode::read_write : base::OpenMode::create));
  if (!head) {
    RELAY_ASSIGN(const std::uint64_t size, file->size());
    if (size != 0) return not_as_known(path);
    head.emplace().hash = first_audit_hash();
    RELAY_TRY(base::replace_file(files, directory + kAuditHeadName, ByteView::of(encode_audit_head(*head))));
  }
  std::unique_ptr<AuditRecord> record(new AuditRecord(files, std::move(directory), std::move(file)));
  RELAY_TRY(record->recover(*head));
  return record;
}

// The head is written behind its entry: after a crash the record may be ahead of it. Of the last entry, which was not
// synced, the power may have left any part. What entries last said is taken from them, not from the head: a word that
// was changed there alone would keep out of the record what it says has been recorded.
Result<void> AuditRecord::recover(const AuditHead& known) {
  const std::string path = directory_ + kAuditLogName;
  AuditHead head;
  head.hash = first_audit_hash();
  bool torn = false;
  RELAY_TRY(for_each_audit_line(*file_, 0, [&](std::string_view line, std::uint64_t next) {
    const auto parts = split_audit_line(line);
    AuditHead after = head;
    const bool follows = !torn && parts && parts->hash == audit_hash(head.hash, parts->entry) &&
                         note_audit_entry(parts->entry, after) && after.entries == head.entries + 1;
    if (!follows && (torn || head.entries < known.entries)) return Result<void>(not_as_known(path));
    torn = !follows;
    if (torn) return Result<void>();
    after.hash = parts->hash;
    after.bytes = next;
    if (after.entries == known.entries && after.hash != known.hash) return Result<void>(not_as_known(path));
    head = std::move(after);
    return Result<void>();
  }));
  if (head.entries < known.entries) return not_as_known(path);
  RELAY_ASSIGN(const std::uint64_t size, file_->size());
  cut_bytes_ = size - head.bytes;
  if (cut_bytes_ > 0) {
    RELAY_TRY(file_->truncate(head.bytes));
    RELAY_TRY(file_->sync());
  }
  const base::MutexLock lock(mutex_);
  head_ = std::move(head);
  return {};
}

Result<void> AuditRecord::append(const AuditEntry& entry, std::string_view time) {
  const base::MutexLock lock(mutex_);
  RELAY_ASSIGN(const bool in_place, file_->is_at(directory_ + kAuditLogName));
  if (!in_place) {
    return base::fail(Error(ErrorKind::io, "the audit record was moved or removed under the relay that writes it")
                          .about(directory_ + kAuditLogName)
                          .remedy("put the file back as it was; where it is gone, stop the relay, move audit.head and "
                                  "what stands in its place away, and start it: a new record begins, and says so"));
  }
  AuditHead next = head_;
  const std::string text = entry.text(head_.entries + 1, time);
  // Asked first: to read and hash so much takes seconds.
  if (text.size() + next.hash.size() + 2 > kMaximumAuditLine)
    return base::fail(ErrorKind::unsupported, "an audit entry is too long");
  if (!note_audit_entry(text, next)) return base::fail(ErrorKind::unsupported, "an audit entry cannot be written");
  next.hash = audit_hash(head_.hash, text);
  const std::string line = next.hash + " " + text + "\n";
  next.bytes = head_.bytes + line.size();

  if (torn_) RELAY_TRY(file_->truncate(head_.bytes));
  torn_ = true;
  const ByteView bytes = ByteView::of(line);
  RELAY_TRY(file_->write_at(head_.bytes, {&bytes, 1}));
  RELAY_TRY(file_->sync());
  torn_ = false;
  head_ = std::move(next);
  // The entry is there; a head that cannot be written now is written with the next one.
  static_cast<void>(base::replace_file(files_, directory_ + kAuditHeadName, ByteView::of(encode_audit_head(head_))));
  return {};
}

AuditHead AuditRecord::head() const {
  const base::MutexLock lock(mutex_);
  return head_;
}

}  // namespace relay::spool
