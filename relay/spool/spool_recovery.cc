#include "relay/spool/spool_recovery.h"

#include <algorithm>
#include <array>
#include <limits>

#include "relay/binlog/stream_state.h"
#include "relay/spool/event_block.h"

namespace relay::spool {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kBlockSize = std::size_t{4} << 20;
constexpr std::uint64_t kEverything = std::numeric_limits<std::uint64_t>::max();

// How far a spool file is whole.
struct Checked {
  std::uint64_t end = 0;     // behind the last whole transaction (or opening event) at or before the limit
  GtidState gtids;           // of the stream up to `end`
  std::uint64_t broken = 0;  // when end < limit: the first offset at which something is wrong
};

void add_gtid(const binlog::StreamState& stream, GtidState& gtids) {
  if (const auto& gtid = stream.mysql_gtid(); gtid && !gtid->anonymous) gtids.mysql.add(gtid->gtid);
  if (const auto& gtid = stream.mariadb_gtid()) gtids.mariadb.update(gtid->gtid);
}

// Reads the events up to `limit`, with their checksums, as a replica would understand them.
Result<Checked> check_events(base::File& file, const std::string& path, const GtidState& before, std::uint64_t limit) {
  std::array<std::uint8_t, kFirstEventOffset> magic{};
  RELAY_ASSIGN(const std::size_t got, file.read_at(0, magic.data(), magic.size()));
  Checked checked;
  checked.gtids = before;
  if (got != magic.size() || base::ByteView(magic.data(), magic.size()).text() != kBinlogMagic) return checked;

  EventBlock block(file, path, kBlockSize);
  binlog::StreamState stream;
  stream.set_initial_checksum(binlog::ChecksumAlgorithm::crc32);
  std::uint64_t offset = kFirstEventOffset;
  while (offset < limit) {
    checked.broken = offset;
    const auto event = block.event_at(offset, limit);
    if (!event && event.error().kind() == ErrorKind::io) return base::fail(event.error());
    if (!event || !event->checksum_is_right()) return checked;
    const auto step = stream.advance(*event);
    if (!step) return checked;
    offset += event->bytes().size();
    if (step->ends_transaction) add_gtid(stream, checked.gtids);
    if (stream.place() == binlog::StreamState::Place::between_transactions) checked.end = offset;
  }
  return checked;
}

tl::unexpected<Error> damaged(const std::string& path, std::uint64_t offset) {
  return base::fail(Error(ErrorKind::malformed, "a spool file is damaged where it was already published")
                        .about(path)
                        .at(offset)
                        .remedy("restore the file from a backup, or move the spool away and build the replicas anew"));
}

// Finds the last record that the file bears out, and the state there.
Result<std::pair<JournalRecord, GtidState>> find_end(base::File& file, const std::string& path, Journal& journal,
                                                     const GtidState& before) {
  RELAY_ASSIGN(auto record, journal.last_within(kEverything));
  if (!record) return base::fail(Error(ErrorKind::malformed, "a spool file's journal is empty").about(path));
  RELAY_ASSIGN(Checked checked, check_events(file, path, before, record->spool_end));
  if (checked.end == record->spool_end) return std::pair(*record, std::move(checked.gtids));
  // Without sync at each transaction, a journal that lost less than its spool file is no surprise after a power
  // failure; but nothing that was synced may be missing.
  if (checked.end < journal.durable_end()) return damaged(path, checked.broken);
  RELAY_ASSIGN(record, journal.last_within(checked.end));
  if (!record) return damaged(path, checked.broken);
  RELAY_ASSIGN(checked, check_events(file, path, before, record->spool_end));
  if (checked.end != record->spool_end) return damaged(path, checked.broken);
  return std::pair(*record, std::move(checked.gtids));
}

// False when the journal shows that transactions were committed behind the opening of the spool file.
Result<bool> never_published(base::FileSystem& files, const std::string& journal_path) {
  RELAY_ASSIGN(const bool there, files.exists(journal_path));
  if (!there) return true;
  const auto journal = Journal::open_to_read(files, journal_path);
  if (journal) return journal->record_count() <= 1;
  if (journal.error().kind() == ErrorKind::io) return base::fail(journal.error());
  return true;  // its header was being written
}

std::uint32_t number_of(std::string_view name) {
  constexpr std::string_view kEnding = ".journal";
  if (name.size() > kEnding.size() && name.substr(name.size() - kEnding.size()) == kEnding)
    name.remove_suffix(kEnding.size());
  return spool_file_number(name);
}

}  // namespace

Result<void> remove_unindexed(base::FileSystem& files, const std::string& directory, const SpoolIndex& index) {
  const auto first = index.first();
  const auto last = index.last();
  RELAY_ASSIGN(std::vector<std::string> names, files.list(directory));
  // A spool file goes before its journal, which is the witness that it may go.
  std::sort(names.begin(), names.end());
  bool removed = false;
  for (const std::string& name : names) {
    const std::uint32_t number = number_of(name);
    if (number == 0 || (first && number >= first->number && number <= last->number)) continue;
    if (!first || number > last->number) {
      const bool next = number == (last ? last->number + 1 : 1);
      RELAY_ASSIGN(const bool fresh, never_published(files, index.journal_path(number)));
      if (!next || !fresh)
        return base::fail(Error(ErrorKind::malformed, "the spool index does not name this spool file")
                              .about(directory + "/" + name)
                              .remedy("restore spool.index from a backup, or move the spool away to start a new one"));
    }
    RELAY_TRY(files.remove(directory + "/" + name));
    removed = true;
  }
  return removed ? files.sync_directory(directory) : Result<void>();
}

Result<RecoveredFile> recover_file(base::FileSystem& files, const SpoolIndex& index, const SpoolFileEntry& entry) {
  const std::string path = index.path(entry.number);
  RELAY_ASSIGN(auto file, files.open(path, base::OpenMode::read_write));
  RELAY_ASSIGN(Journal journal, Journal::open(files, index.journal_path(entry.number)));
  RELAY_ASSIGN(auto found, find_end(*file, path, journal, entry.gtids_before));
  const JournalRecord& last = found.first;
  // What lies behind was never visible: a torn transaction, a whole one without its record, or a ROTATE without a
  // successor.
  RELAY_ASSIGN(const std::uint64_t size, file->size());
  if (size != last.spool_end) RELAY_TRY(file->truncate(last.spool_end));
  RELAY_TRY(journal.cut(last.spool_end));
  // Published before the crash, but perhaps only in memory: the next record may call everything before it durable.
  RELAY_TRY(file->sync());
  RELAY_TRY(journal.sync());
  return RecoveredFile{std::move(file), std::move(journal), last, std::move(found.second)};
}

}  // namespace relay::spool
