#include "relay/app/spool_place.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "relay/source/source_connection.h"
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
                                std::uint64_t offset, bool more, const HeadEnd& head_end) {
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
  bool passed = source_end == offset || more || before < journal.record_count();
  if (!passed && before == 0) {
    const std::optional<std::uint64_t> head = head_end();
    passed = head && offset <= *head;
  }
  return passed ? MaybePlace(place_in(entry.number, spool_end)) : MaybePlace();
}

// The number at the end of the name of a source's file: binlog.000042. None where there is none.
std::optional<std::uint64_t> number_of_file(std::string_view name) {
  const std::string_view digits = name.substr(std::min(name.rfind('.'), name.size() - 1) + 1);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) return {};
  return number;
}

// Whether a source wrote a file before another. Beyond 999999 names have more digits.
bool is_before(std::string_view file, std::string_view other) {
  if (file.empty() || other.empty()) return false;
  const auto first = number_of_file(file);
  const auto second = number_of_file(other);
  return first && second && *first < *second && file.substr(0, file.rfind('.')) == other.substr(0, other.rfind('.'));
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
                                    const seed::KnownSnapshot& snapshot, const HeadEnd& head_end) {
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
                        found != entries.rbegin(), head_end);
  }
  const SpoolFileEntry& last = entries.back();
  if (last.source.id == source && is_before(last.source_start.file, snapshot.position.file)) return MaybePlace();
  return base::fail(Error(ErrorKind::rule, "the spool does not have the snapshot's place in the source's log")
                        .about(snapshot.position.start())
                        .remedy("make a new snapshot while the relay runs"));
}

Result<std::uint64_t> read_head_end(const Configuration& configuration, const std::string& file) {
  constexpr std::string_view kAboutTheFile[] = {"Format_desc", "Previous_gtids", "Gtid_list", "Binlog_checkpoint",
                                                "Start_encryption"};
  source::SourceConnection connection;
  RELAY_TRY(connection.connect(configuration.source.connection, source::SourceConnection::Purpose::questions));
  RELAY_ASSIGN(const auto events, connection.query_named("SHOW BINLOG EVENTS IN " + source::quote_text(file) +
                                                         " LIMIT " + std::to_string(std::size(kAboutTheFile))));
  std::uint64_t end = spool::kFirstEventOffset;
  for (const source::NamedRow& event : events) {
    const auto type = event.find("Event_type");
    const auto behind = event.find("End_log_pos");
    if (type == event.end() || behind == event.end()) break;
    if (std::ranges::find(kAboutTheFile, type->second) == std::end(kAboutTheFile)) break;
    std::from_chars(behind->second.data(), behind->second.data() + behind->second.size(), end);
  }
  return end;
}

}  // namespace relay::app
