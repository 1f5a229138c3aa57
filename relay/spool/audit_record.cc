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
                        .remedy("restore both from a backup, or move both away: a new record begins, and says so"));
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
  RELAY_TRY(record->recover(std::move(*head)));
  return record;
}

// The head is written behind its entry: after a crash the record may be ahead of it. Of the last entry, which was not
// synced, the power may have left any part.
Result<void> AuditRecord::recover(AuditHead head) {
  const std::string path = directory_ + kAuditLogName;
  RELAY_TRY(check_end(head));
  bool torn = false;
  RELAY_TRY(for_each_audit_line(*file_, head.bytes, [&](std::string_view line, std::uint64_t next) {
    if (torn) return Result<void>(not_as_known(path));
    const auto parts = split_audit_line(line);
    AuditHead after = head;
    torn = !parts || parts->hash != audit_hash(head.hash, parts->entry) || !note_audit_entry(parts->entry, after) ||
           after.entries != head.entries + 1;
    if (torn) return Result<void>();
    after.hash = parts->hash;
    after.last_start = head.bytes;
    after.bytes = next;
    head = std::move(after);
    return Result<void>();
  }));
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

// That the line which the head knows as the last is there, unchanged in its hash.
Result<void> AuditRecord::check_end(const AuditHead& known) {
  if (known.entries == 0) return {};
  std::string line(static_cast<std::size_t>(known.bytes - known.last_start), '\0');
  RELAY_ASSIGN(const std::size_t got,
               file_->read_at(known.last_start, reinterpret_cast<std::uint8_t*>(line.data()), line.size()));
  if (got != line.size() || !line.starts_with(known.hash) || !line.ends_with('\n'))
    return not_as_known(directory_ + kAuditLogName);
  return {};
}

Result<void> AuditRecord::append(const AuditEntry& entry, std::string_view time) {
  const base::MutexLock lock(mutex_);
  AuditHead next = head_;
  const std::string text = entry.text(head_.entries + 1, time);
  // Asked first: to read and hash so much takes seconds.
  if (text.size() + next.hash.size() + 2 > kMaximumAuditLine)
    return base::fail(ErrorKind::unsupported, "an audit entry is too long");
  if (!note_audit_entry(text, next)) return base::fail(ErrorKind::unsupported, "an audit entry cannot be written");
  next.hash = audit_hash(head_.hash, text);
  const std::string line = next.hash + " " + text + "\n";
  next.last_start = head_.bytes;
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
