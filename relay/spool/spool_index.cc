#include "relay/spool/spool_index.h"

#include <algorithm>

namespace relay::spool {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kMaximumIndexSize = std::size_t{256} << 20;

}  // namespace

std::string SpoolIndex::path(std::uint32_t number) const { return directory_ + "/" + spool_file_name(number); }
std::string SpoolIndex::journal_path(std::uint32_t number) const {
  return directory_ + "/" + journal_file_name(number);
}

Result<void> SpoolIndex::load() {
  const base::MutexLock change(change_);
  const std::string index_path = directory_ + "/spool.index";
  std::vector<SpoolFileEntry> loaded;
  RELAY_ASSIGN(const bool there, files_.exists(index_path));
  if (there) {
    RELAY_ASSIGN(const std::string text, base::read_file(files_, index_path, kMaximumIndexSize));
    auto decoded = decode_index(text);
    if (!decoded) return base::fail(Error(decoded.error()).about(index_path + ", " + decoded.error().subject()));
    loaded = std::move(*decoded);
  }
  const base::MutexLock lock(mutex_);
  entries_ = std::move(loaded);
  return {};
}

Result<void> SpoolIndex::store(const std::vector<SpoolFileEntry>& list) {
  const std::string text = encode_index(list);
  return base::replace_file(files_, directory_ + "/spool.index", base::ByteView::of(text));
}

Result<void> SpoolIndex::add(SpoolFileEntry entry) {
  const base::MutexLock change(change_);
  // Names come from the source; what does not survive being written as JSON must not be a name that a restart would ask
  // for.
  const auto read_back = decode_index(encode_index({entry}));
  if (!read_back || read_back->size() != 1 || read_back->front() != entry)
    return base::fail(
        Error(ErrorKind::unsupported, "the source names its log file in a way that the spool index cannot keep"));
  std::vector<SpoolFileEntry> list = entries();
  list.push_back(std::move(entry));
  RELAY_TRY(store(list));
  const base::MutexLock lock(mutex_);
  entries_ = std::move(list);
  return {};
}

Result<void> SpoolIndex::change_rules(const RulesChange& change) {
  const base::MutexLock changing(change_);
  std::vector<SpoolFileEntry> list = entries();
  if (list.empty())
    return base::fail(ErrorKind::unsupported, "an empty spool has no place where its rules could change");
  list.back().rules_changes.push_back(change);
  RELAY_TRY(store(list));
  const base::MutexLock lock(mutex_);
  entries_ = std::move(list);
  return {};
}

Result<void> SpoolIndex::rewrite() {
  const base::MutexLock change(change_);
  return store(entries());
}

Result<void> SpoolIndex::remove_oldest(std::size_t count) {
  const base::MutexLock change(change_);
  std::vector<SpoolFileEntry> list = entries();
  if (list.empty()) return {};
  const auto keep_from = list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size() - 1));
  const std::vector<SpoolFileEntry> gone(list.begin(), keep_from);
  if (gone.empty()) return {};
  list.erase(list.begin(), keep_from);
  // The list first: after a crash a file without an entry is removed on opening, an entry without its file could not be
  // served.
  RELAY_TRY(store(list));
  {
    const base::MutexLock lock(mutex_);
    entries_ = std::move(list);
  }
  for (const SpoolFileEntry& entry : gone) RELAY_TRY(remove_files(entry.number));
  return files_.sync_directory(directory_);
}

Result<void> SpoolIndex::remove_files(std::uint32_t number) {
  for (const std::string& name : {path(number), journal_path(number)}) {
    RELAY_ASSIGN(const bool there, files_.exists(name));
    if (there) RELAY_TRY(files_.remove(name));
  }
  return {};
}

std::vector<SpoolFileEntry> SpoolIndex::entries() const {
  const base::MutexLock lock(mutex_);
  return entries_;
}

std::optional<SpoolFileEntry> SpoolIndex::find(std::uint32_t number) const {
  const base::MutexLock lock(mutex_);
  for (const SpoolFileEntry& entry : entries_) {
    if (entry.number == number) return entry;
  }
  return std::nullopt;
}

std::optional<SpoolFileEntry> SpoolIndex::first() const {
  const base::MutexLock lock(mutex_);
  return entries_.empty() ? std::nullopt : std::optional(entries_.front());
}

std::optional<SpoolFileEntry> SpoolIndex::last() const {
  const base::MutexLock lock(mutex_);
  return entries_.empty() ? std::nullopt : std::optional(entries_.back());
}

std::optional<SpoolFileEntry> SpoolIndex::next(std::uint32_t number) const {
  const base::MutexLock lock(mutex_);
  for (const SpoolFileEntry& entry : entries_) {
    if (entry.number > number) return entry;
  }
  return std::nullopt;
}

}  // namespace relay::spool
