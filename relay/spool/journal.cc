#include "relay/spool/journal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/byte_reader.h"
#include "relay/base/crc32.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

// FORMAT.md, "Journal".
constexpr std::string_view kMagic = "brspool2";
constexpr std::size_t kHeaderSize = 16;  // magic, 8 random bytes
constexpr std::size_t kRecordSize = 40;
constexpr std::uint32_t kFlagDurable = 0x1;
constexpr std::uint32_t kFlagAnonymous = 0x2;

void encode(const JournalRecord& record, std::uint32_t seed, base::Buffer& into) {
  const std::size_t start = into.size();
  into.append_u64(record.spool_end);
  into.append_u64(record.source_end);
  into.append_u32(record.events_kept);
  into.append_u32(record.events_replaced);
  into.append_u32(record.events_dropped);
  into.append_u32((record.durable ? kFlagDurable : 0) | (record.anonymous ? kFlagAnonymous : 0));
  into.append_u32(record.schema_mark);
  into.append_u32(base::crc32(into.view().sub(start), seed));
}

std::optional<JournalRecord> decode(ByteView bytes, std::uint32_t seed) {
  base::ByteReader reader(bytes);
  JournalRecord record;
  record.spool_end = reader.u64();
  record.source_end = reader.u64();
  record.events_kept = reader.u32();
  record.events_replaced = reader.u32();
  record.events_dropped = reader.u32();
  const std::uint32_t flags = reader.u32();
  record.durable = (flags & kFlagDurable) != 0;
  record.anonymous = (flags & kFlagAnonymous) != 0;
  record.schema_mark = reader.u32();
  const std::uint32_t stored = reader.u32();
  if (!reader.ok() || stored != base::crc32(bytes.sub(0, kRecordSize - 4), seed)) return std::nullopt;
  return record;
}

std::uint64_t offset_of(std::uint64_t index) { return kHeaderSize + index * kRecordSize; }

}  // namespace

Result<Journal> Journal::create(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(auto file, files.open(path, base::OpenMode::create));
  base::Buffer header;
  header.append(kMagic);
  // A disk block that once held another journal's record must not pass for one of this journal.
  std::random_device random;
  header.append_u32(random());
  header.append_u32(random());
  const ByteView bytes = header.view();
  RELAY_TRY(file->write_at(0, {&bytes, 1}));
  Journal journal(std::move(file), path);
  journal.size_ = kHeaderSize;
  journal.seed_ = base::crc32(bytes);
  journal.unsynced_ = true;
  return journal;
}

Result<Journal> Journal::open(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(auto file, files.open(path, base::OpenMode::read_write));
  Journal journal(std::move(file), path);
  RELAY_TRY(journal.read_header());
  RELAY_ASSIGN(const bool torn, journal.find_end());
  if (torn) {
    journal.unsynced_ = true;
    RELAY_TRY(journal.file_->truncate(journal.size_));
  }
  return journal;
}

Result<Journal> Journal::open_to_read(base::FileSystem& files, const std::string& path) {
  RELAY_ASSIGN(auto file, files.open(path, base::OpenMode::read));
  Journal journal(std::move(file), path);
  RELAY_TRY(journal.read_header());
  RELAY_TRY(journal.find_end());
  return journal;
}

Result<void> Journal::read_header() {
  std::array<std::uint8_t, kHeaderSize> header{};
  RELAY_ASSIGN(const std::size_t got, file_->read_at(0, header.data(), header.size()));
  const ByteView bytes(header.data(), header.size());
  if (got != kHeaderSize || bytes.sub(0, kMagic.size()).text() != kMagic)
    return base::fail(Error(ErrorKind::malformed, "this is no spool journal").about(path_));
  seed_ = base::crc32(bytes);
  return {};
}

Result<bool> Journal::find_end() {
  RELAY_ASSIGN(const std::uint64_t file_size, file_->size());
  std::vector<std::uint8_t> block(kRecordSize * 4096);
  std::optional<std::uint64_t> broken;  // offset of the first record that is not good
  std::uint64_t last_end = 0;
  for (std::uint64_t offset = kHeaderSize; offset < file_size;) {
    RELAY_ASSIGN(const std::size_t got, file_->read_at(offset, block.data(), block.size()));
    if (got == 0) break;
    for (std::size_t at = 0; at < got; at += kRecordSize, offset += kRecordSize) {
      const auto record = decode(ByteView(block.data(), got).sub(at, kRecordSize), seed_);
      const bool good = record && record->spool_end > kFirstEventOffset && record->spool_end >= last_end;
      if (!good && !broken) broken = offset;
      if (!good) continue;
      if (broken && record->durable)
        return base::fail(
            Error(ErrorKind::malformed, "a spool journal is damaged before its end").about(path_).at(*broken));
      if (broken) continue;
      last_end = record->spool_end;
      if (record->durable) durable_end_ = record->spool_end;
    }
  }
  size_ = broken.value_or(std::max<std::uint64_t>(file_size, kHeaderSize));
  return size_ < file_size;
}

Result<void> Journal::append(const JournalRecord& record) {
  base::Buffer bytes;
  encode(record, seed_, bytes);
  const ByteView view = bytes.view();
  unsynced_ = true;
  RELAY_TRY(file_->write_at(size_, {&view, 1}));
  size_ += kRecordSize;
  if (record.durable) durable_end_ = record.spool_end;
  return {};
}

Result<void> Journal::sync() {
  RELAY_TRY(file_->sync());
  unsynced_ = false;
  return {};
}

std::uint64_t Journal::record_count() const { return (size_ - kHeaderSize) / kRecordSize; }

Result<JournalRecord> Journal::record(std::uint64_t index) const {
  std::array<std::uint8_t, kRecordSize> bytes{};
  RELAY_ASSIGN(const std::size_t got, file_->read_at(offset_of(index), bytes.data(), bytes.size()));
  const auto record = decode(ByteView(bytes.data(), got), seed_);
  if (!record)
    return base::fail(
        Error(ErrorKind::malformed, "a spool journal's record is damaged").about(path_).at(offset_of(index)));
  return *record;
}

Result<std::uint64_t> Journal::count_within(std::uint64_t limit) const {
  std::uint64_t low = 0;
  std::uint64_t high = record_count();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    RELAY_ASSIGN(const JournalRecord found, record(middle));
    if (found.spool_end <= limit)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Result<std::optional<JournalRecord>> Journal::last_within(std::uint64_t limit) {
  RELAY_ASSIGN(const std::uint64_t count, count_within(limit));
  if (count == 0) return std::optional<JournalRecord>();
  RELAY_ASSIGN(const JournalRecord found, record(count - 1));
  return std::optional(found);
}

Result<void> Journal::cut(std::uint64_t limit) {
  RELAY_ASSIGN(const std::uint64_t count, count_within(limit));
  RELAY_ASSIGN(const std::uint64_t file_size, file_->size());
  if (file_size == offset_of(count)) return {};
  unsynced_ = true;
  RELAY_TRY(file_->truncate(offset_of(count)));
  size_ = offset_of(count);
  durable_end_ = std::min(durable_end_, limit);
  return {};
}

}  // namespace relay::spool
