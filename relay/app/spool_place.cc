#include "relay/app/spool_place.h"

#include <algorithm>
#include <vector>

#include "relay/spool/journal.h"
#include "relay/spool/spool_index.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using seed::FollowPlace;
using spool::JournalRecord;
using spool::SpoolFileEntry;

using MaybePlace = std::optional<FollowPlace>;

FollowPlace place_in(std::uint32_t file, std::uint64_t offset) { return {spool::spool_file_name(file), offset}; }

// The number of records that end at `offset` of the source's file, or before.
Result<std::uint64_t> count_up_to(const spool::Journal& journal, std::uint64_t offset) {
  std::uint64_t begin = 0;
  std::uint64_t end = journal.record_count();
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    RELAY_ASSIGN(const JournalRecord record, journal.record(middle));
    if (record.source_end <= offset) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

// In the spool file that has the snapshot's place, if the relay has come that far. `more`: another file is behind it.
Result<MaybePlace> place_within(base::FileSystem& files, const std::string& journal_path, const SpoolFileEntry& entry,
                                std::uint64_t offset, bool more) {
  RELAY_ASSIGN(const spool::Journal journal, spool::Journal::open_to_read(files, journal_path));
  RELAY_ASSIGN(const std::uint64_t before, count_up_to(journal, offset));
  std::uint64_t spool_end = spool::kFirstEventOffset;
  std::uint64_t source_end = entry.source_start.offset;
  if (before > 0) {
    RELAY_ASSIGN(const JournalRecord record, journal.record(before - 1));
    spool_end = std::max(record.spool_end, spool::kFirstEventOffset);
    source_end = record.source_end;
  }
  // Between two transactions there is nothing that a replica needs.
  const bool passed = source_end == offset || more || before < journal.record_count();
  return passed ? MaybePlace(place_in(entry.number, spool_end)) : MaybePlace();
}

Result<MaybePlace> place_of_beginning(const Configuration& configuration, const seed::KnownSnapshot& snapshot) {
  const source::StartSpec& start = configuration.source.start;
  const bool same = start.kind == source::StartSpec::Kind::position && start.file == snapshot.position.file &&
                    start.offset == snapshot.position.offset;
  if (same) return MaybePlace(place_in(1, spool::kFirstEventOffset));
  return base::fail(
      Error(ErrorKind::configuration, "the relay has not begun, and would begin elsewhere than the snapshot")
          .about(snapshot.position.start())
          .remedy("set source.start to this, and load again: what is loaded stays"));
}

}  // namespace

Result<MaybePlace> find_spool_place(base::FileSystem& files, const Configuration& configuration,
                                    const seed::KnownSnapshot& snapshot) {
  spool::SpoolIndex index(files, configuration.spool.directory);
  RELAY_TRY(index.load());
  const std::vector<SpoolFileEntry> entries = index.entries();
  if (entries.empty()) return place_of_beginning(configuration, snapshot);

  const std::string source =
      snapshot.flavor == binlog::Flavor::mariadb ? spool::mariadb_source_id(snapshot.server_id) : snapshot.server_uuid;
  const auto found = std::ranges::find_if(entries.rbegin(), entries.rend(), [&](const SpoolFileEntry& entry) {
    return entry.source.id == source && entry.source_start.file == snapshot.position.file &&
           entry.source_start.offset <= snapshot.position.offset;
  });
  if (found != entries.rend()) {
    return place_within(files, index.journal_path(found->number), *found, snapshot.position.offset,
                        found != entries.rbegin());
  }
  // Files of a source are numbered, with as many digits.
  if (entries.back().source.id == source && entries.back().source_start.file < snapshot.position.file)
    return MaybePlace();
  return base::fail(Error(ErrorKind::rule, "the spool does not have the snapshot's place in the source's log")
                        .about(snapshot.position.start())
                        .remedy("make a new snapshot while the relay runs"));
}

}  // namespace relay::app
