#include "relay/spool/spool_writer.h"

#include <ctime>

#include "relay/binlog/event_maker.h"
#include "relay/spool/spool_recovery.h"
#include "relay/spool/transaction_appender.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;
using Clock = std::chrono::steady_clock;

// Dropped transactions whose records wait in memory; after as many, a record is written without a commit to carry it.
constexpr std::uint32_t kMaximumWaiting = 1024;

std::uint32_t seconds_now() { return static_cast<std::uint32_t>(std::time(nullptr)); }

// A directory that the power takes away takes its files along.
Result<void> make_directory(base::FileSystem& files, const std::string& directory) {
  RELAY_ASSIGN(const bool there, files.exists(directory));
  if (there) return {};
  RELAY_TRY(files.create_directory(directory));
  const auto slash = directory.find_last_of('/');
  if (slash == std::string::npos) return files.sync_directory(".");
  return files.sync_directory(slash == 0 ? "/" : directory.substr(0, slash));
}

std::uint64_t low32(std::uint64_t offset) { return offset & 0xffffffff; }

}  // namespace

struct SpoolWriter::State {
  base::FileSystem& files;
  std::string directory;
  SyncPolicy policy;
  std::uint32_t server_id;
  SpoolIndex& index;
  PublishedTail& tail;
  std::unique_ptr<base::File> lock{};
  proof::EgressCheck* check = nullptr;

  std::uint32_t number = 0;  // of the last spool file; 0 in an empty spool
  std::unique_ptr<base::File> file{};
  std::optional<Journal> journal{};
  std::uint64_t committed = 0;  // end of the last commit in the file
  std::uint64_t rotated = 0;    // end of the ROTATE behind it, once that is written and synced
  TransactionAppender appender{};
  std::optional<ResumePoint> resume{};
  GtidState none{};

  JournalRecord waiting{};          // counts of dropped transactions since the last record
  std::uint32_t waiting_count = 0;  // how many these are
  Clock::time_point synced_at = Clock::now();
  bool sync_uncertain =
      false;  // a sync of published bytes failed: the kernel may have dropped them, and no later sync tells
  bool record_uncertain = false;  // a durable record behind `committed` may be on the disk or not
  bool failed = false;
  bool starting_file = false;  // start_file() has begun and not yet succeeded

  [[nodiscard]] std::uint64_t file_end() const { return rotated != 0 ? rotated : committed; }
  [[nodiscard]] Result<void> prove(base::File& written, proof::WrittenPart part, std::uint64_t begin,
                                   std::uint64_t end) const;
  [[nodiscard]] Result<void> sync_file();
  [[nodiscard]] Result<void> write_record(JournalRecord record, bool durable);
  [[nodiscard]] JournalRecord take_position() const;
  [[nodiscard]] bool sync_is_due() const;
  [[nodiscard]] Result<void> commit_dropped(const Commit& commit);
  [[nodiscard]] Result<void> commit_appended(const Commit& commit);
  [[nodiscard]] Result<void> finish_file();
  [[nodiscard]] Result<std::uint64_t> make_file(const SpoolFileEntry& entry, const binlog::FormatDescription& format);
  [[nodiscard]] Result<void> start_file(SpoolFileEntry entry, const binlog::FormatDescription& format);
  [[nodiscard]] Result<void> go_on_with_file();
  [[nodiscard]] bool is_anonymous(const Commit& commit) const;
  // Another source has its own ways.
  [[nodiscard]] bool is_anonymous_before(const SpoolFileEntry& entry) const {
    return resume && resume->source == entry.source && resume->anonymous;
  }
  void note(const Commit& commit);
};

Result<void> SpoolWriter::State::prove(base::File& written, proof::WrittenPart part, std::uint64_t begin,
                                       std::uint64_t end) const {
  if (check == nullptr) return {};
  return check->check(written, part, begin, end);
}

Result<void> SpoolWriter::State::sync_file() {
  auto synced = file->sync();
  if (!synced && policy.when != SyncPolicy::When::transaction) sync_uncertain = true;
  return synced;
}

// Durable: the spool file first, then the record that says so, and only behind earlier records that are safe
// (FORMAT.md).
Result<void> SpoolWriter::State::write_record(JournalRecord record, bool durable) {
  if (durable) {
    RELAY_TRY(sync_file());
    if (journal->unsynced()) RELAY_TRY(journal->sync());
  }
  record.durable = durable && !sync_uncertain;
  record_uncertain = durable && record.spool_end > committed;
  RELAY_TRY(journal->append(record));
  if (durable) {
    RELAY_TRY(journal->sync());
    synced_at = Clock::now();
  }
  record_uncertain = false;
  waiting = {};
  waiting_count = 0;
  return {};
}

// A record that only says where the source's position is.
JournalRecord SpoolWriter::State::take_position() const {
  JournalRecord record = waiting;
  record.spool_end = committed;
  record.source_end = resume->position.offset;
  record.schema_mark = resume->schema_mark;
  record.anonymous = resume->anonymous;
  return record;
}

bool SpoolWriter::State::sync_is_due() const {
  if (policy.when == SyncPolicy::When::interval) return Clock::now() - synced_at >= policy.interval;
  return policy.when == SyncPolicy::When::transaction;
}

bool SpoolWriter::State::is_anonymous(const Commit& commit) const {
  return resume->source.flavor == binlog::Flavor::mysql && !commit.mysql_gtid;
}

void SpoolWriter::State::note(const Commit& commit) {
  resume->position.offset = commit.source_end;
  resume->schema_mark = commit.schema_mark;
  resume->anonymous = is_anonymous(commit);
}

Result<void> SpoolWriter::State::commit_dropped(const Commit& commit) {
  waiting.events_kept += commit.events_kept;
  waiting.events_replaced += commit.events_replaced;
  waiting.events_dropped += commit.events_dropped;
  note(commit);
  if (++waiting_count < kMaximumWaiting) return {};
  return write_record(take_position(), policy.when == SyncPolicy::When::transaction);
}

Result<void> SpoolWriter::State::commit_appended(const Commit& commit) {
  RELAY_ASSIGN(const std::uint64_t end, appender.finish());
  RELAY_TRY(prove(*file, proof::WrittenPart::transaction, committed, end));
  JournalRecord record = waiting;
  record.spool_end = end;
  record.source_end = commit.source_end;
  record.schema_mark = commit.schema_mark;
  record.anonymous = is_anonymous(commit);
  record.events_kept += commit.events_kept;
  record.events_replaced += commit.events_replaced;
  record.events_dropped += commit.events_dropped;
  RELAY_TRY(write_record(record, sync_is_due()));
  committed = end;
  appender.start(*file, committed);
  note(commit);
  if (commit.mysql_gtid) resume->gtids.mysql.add(*commit.mysql_gtid);
  if (commit.mariadb_gtid) resume->gtids.mariadb.update(*commit.mariadb_gtid);
  tail.publish({number, committed});
  return {};
}

// ROTATE to the next file, and everything of this one on the disk: from here on only the last file can lose anything.
Result<void> SpoolWriter::State::finish_file() {
  if (!file || rotated != 0) return {};
  base::Buffer event;
  const std::string next = spool_file_name(number + 1);
  const binlog::EventMaker maker(server_id, binlog::ChecksumAlgorithm::crc32);
  maker.rotate(next, seconds_now(), 0, event);  // only to learn its size
  const std::uint64_t end = committed + event.size();
  event.clear();
  maker.rotate(next, seconds_now(), low32(end), event);
  const ByteView bytes = event.view();
  RELAY_TRY(file->write_at(committed, {&bytes, 1}));
  RELAY_TRY(prove(*file, proof::WrittenPart::closing, committed, end));
  RELAY_TRY(write_record(take_position(), true));
  rotated = end;
  return {};
}

// Makes the spool file and its journal, synced; the offset behind the opening events.
Result<std::uint64_t> SpoolWriter::State::make_file(const SpoolFileEntry& entry,
                                                    const binlog::FormatDescription& format) {
  const std::string path = index.path(entry.number);
  const std::string journal_path = index.journal_path(entry.number);
  RELAY_ASSIGN(const bool left_file, files.exists(path));
  RELAY_ASSIGN(const bool left_journal, files.exists(journal_path));
  if (left_file || left_journal) {
    // An earlier attempt failed, perhaps in the moment when the index file already named the new file.
    RELAY_TRY(index.rewrite());
    RELAY_TRY(index.remove_files(entry.number));
  }

  base::Buffer opening;
  opening.append(kBinlogMagic);
  binlog::FormatDescription own = format;
  own.checksum = binlog::ChecksumAlgorithm::crc32;
  const binlog::EventMaker maker(server_id, binlog::ChecksumAlgorithm::crc32);
  // Each event says where it ends, so it is made twice: the first time tells its size.
  const auto add = [&opening](const auto& make) {
    base::Buffer event;
    make(std::uint64_t{0}, event);
    const std::uint64_t end = opening.size() + event.size();
    make(low32(end), opening);
  };
  add([&](std::uint64_t end, base::Buffer& into) { maker.format_description(own, entry.created, end, into); });
  const bool mysql = entry.source.flavor == binlog::Flavor::mysql;
  const auto knows = [&own](binlog::EventType type) {
    return own.post_header_lengths.size() >= static_cast<std::size_t>(type);
  };
  if (mysql && knows(binlog::EventType::previous_gtids))
    add([&](std::uint64_t end, base::Buffer& into) {
      maker.previous_gtids(entry.gtids_before.mysql, entry.created, end, into);
    });
  if (!mysql && knows(binlog::EventType::gtid_list))
    add([&](std::uint64_t end, base::Buffer& into) {
      maker.gtid_list(entry.gtids_before.mariadb, entry.created, end, false, into);
    });
  if (opening.overflowed())
    return base::fail(ErrorKind::unsupported, "the set of GTIDs is too large for the start of a spool file");

  RELAY_ASSIGN(auto made, files.open(path, base::OpenMode::create));
  const ByteView bytes = opening.view();
  RELAY_TRY(made->write_at(0, {&bytes, 1}));
  RELAY_TRY(prove(*made, proof::WrittenPart::opening, 0, opening.size()));
  RELAY_TRY(made->sync());
  RELAY_ASSIGN(Journal record_file, Journal::create(files, journal_path));
  JournalRecord record{opening.size(), entry.source_start.offset, 0, 0, 0, true, entry.schema_mark};
  record.anonymous = is_anonymous_before(entry);
  RELAY_TRY(record_file.append(record));
  RELAY_TRY(record_file.sync());
  RELAY_TRY(files.sync_directory(directory));
  RELAY_TRY(index.add(entry));
  file = std::move(made);
  journal = std::move(record_file);
  return opening.size();
}

Result<void> SpoolWriter::State::start_file(SpoolFileEntry entry, const binlog::FormatDescription& format) {
  starting_file = true;
  RELAY_TRY(finish_file());
  entry.number = number + 1;
  entry.created = seconds_now();
  if (resume) entry.gtids_before = resume->gtids;
  RELAY_ASSIGN(committed, make_file(entry, format));
  number = entry.number;
  rotated = 0;
  waiting = {};
  waiting_count = 0;
  sync_uncertain = false;
  synced_at = Clock::now();
  resume =
      ResumePoint{entry.source, entry.source_start, entry.gtids_before, entry.schema_mark, is_anonymous_before(entry)};
  appender.start(*file, committed);
  starting_file = false;
  tail.publish({number, committed});
  return {};
}

// The ROTATE was never published, and nothing of the new file; but the index on the disk may name it.
Result<void> SpoolWriter::State::go_on_with_file() {
  if (!file || !starting_file) return {};
  RELAY_TRY(index.rewrite());
  RELAY_TRY(index.remove_files(number + 1));
  rotated = 0;  // first: what a failed truncation leaves is written over by the next ROTATE
  RELAY_TRY(file->truncate(committed));
  appender.start(*file, committed);
  starting_file = false;
  return {};
}

SpoolWriter::SpoolWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpoolWriter::~SpoolWriter() = default;

Result<std::unique_ptr<SpoolWriter>> SpoolWriter::open(base::FileSystem& files, const std::string& directory,
                                                       SyncPolicy policy, std::uint32_t server_id, SpoolIndex& index,
                                                       PublishedTail& tail) {
  RELAY_TRY(make_directory(files, directory));
  auto state = std::unique_ptr<State>(new State{files, directory, policy, server_id, index, tail});
  RELAY_ASSIGN(state->lock, files.lock(directory + "/spool.lock"));
  RELAY_TRY(index.load());
  RELAY_TRY(remove_unindexed(files, directory, index));
  if (const auto last = index.last()) {
    RELAY_ASSIGN(RecoveredFile recovered, recover_file(files, index, *last));
    state->number = last->number;
    state->file = std::move(recovered.file);
    state->journal = std::move(recovered.journal);
    state->committed = recovered.last.spool_end;
    state->resume = ResumePoint{last->source,
                                {last->source_start.file, recovered.last.source_end},
                                std::move(recovered.gtids),
                                recovered.last.schema_mark,
                                recovered.last.anonymous};
    state->appender.start(*state->file, state->committed);
    tail.publish({state->number, state->committed});
  }
  return std::unique_ptr<SpoolWriter>(new SpoolWriter(std::move(state)));
}

Result<void> SpoolWriter::guard(Result<void> result) {
  if (!result) state_->failed = true;
  return result;
}

void SpoolWriter::check_with(proof::EgressCheck* check) { state_->check = check; }

const std::optional<ResumePoint>& SpoolWriter::resume_point() const { return state_->resume; }
bool SpoolWriter::has_open_file() const { return state_->file && !state_->starting_file; }
bool SpoolWriter::in_transaction() const { return state_->file && !state_->appender.empty(); }
const GtidState& SpoolWriter::gtids() const { return state_->resume ? state_->resume->gtids : state_->none; }
SpoolPosition SpoolWriter::position() const { return {state_->number, state_->committed}; }

Result<void> SpoolWriter::start_file(SpoolFileEntry entry, const binlog::FormatDescription& format) {
  if (state_->failed)
    return base::fail(ErrorKind::unsupported, "the spool writer has failed; abandon the transaction first");
  if (in_transaction()) return base::fail(ErrorKind::unsupported, "a spool file cannot start inside a transaction");
  return guard(state_->start_file(std::move(entry), format));
}

Result<void> SpoolWriter::go_on_with_file() {
  if (state_->failed)
    return base::fail(ErrorKind::unsupported, "the spool writer has failed; abandon the transaction first");
  return guard(state_->go_on_with_file());
}

Result<void> SpoolWriter::append(const binlog::EventDraft& draft) {
  if (state_->failed)
    return base::fail(ErrorKind::unsupported, "the spool writer has failed; abandon the transaction first");
  if (!has_open_file()) return base::fail(ErrorKind::unsupported, "no spool file is open for events");
  return guard(state_->appender.append(draft));
}

Result<void> SpoolWriter::commit(const Commit& commit) {
  if (state_->failed)
    return base::fail(ErrorKind::unsupported, "the spool writer has failed; abandon the transaction first");
  if (!has_open_file()) return base::fail(ErrorKind::unsupported, "no spool file is open for events");
  return guard(state_->appender.empty() ? state_->commit_dropped(commit) : state_->commit_appended(commit));
}

Result<void> SpoolWriter::abandon() {
  State& state = *state_;
  if (!state.file) {
    state.failed = false;
    return {};
  }
  if (state.failed || state.appender.reached_file()) {
    // A durable record must be gone from the disk before the bytes that it vouches for.
    RELAY_TRY(guard(state.journal->cut(state.committed)));
    if (state.record_uncertain) RELAY_TRY(guard(state.journal->sync()));
    state.record_uncertain = false;
    RELAY_TRY(guard(state.file->truncate(state.file_end())));
  }
  state.appender.start(*state.file, state.committed);
  state.failed = false;
  return {};
}

Result<void> SpoolWriter::flush() {
  State& state = *state_;
  if (state.failed)
    return base::fail(ErrorKind::unsupported, "the spool writer has failed; abandon the transaction first");
  if (!state.file) return {};
  if (state.waiting_count == 0 && !state.journal->unsynced()) return {};
  return guard(state.write_record(state.take_position(), true));
}

}  // namespace relay::spool
