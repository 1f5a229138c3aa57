#include "relay/seed/snapshot.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "relay/base/file.h"
#include "relay/base/log.h"
#include "relay/base/sha256.h"
#include "relay/seed/manifest.h"
#include "relay/seed/snapshot_names.h"
#include "relay/seed/table_pool.h"
#include "relay/seed/view_session.h"
#include "relay/source/client_error.h"
#include "scrub_rules/schema_history.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kSnapshotTries = 6;
constexpr std::chrono::seconds kPauseAfterChange{2};
constexpr std::chrono::seconds kLongestPauseBetween{30};
constexpr int kLockWaitTimeout = 1205;               // is waited for where it may end
constexpr std::chrono::seconds kReadAgain{10};       // what was read in this time is not worth keeping
constexpr std::chrono::minutes kSourcePatience{10};  // for a source that is away

// The source is away, or was for a moment: another moment of it will do as well.
bool source_was_lost(const Error& error) {
  const bool of_server = error.kind() == ErrorKind::peer ||
                         (error.kind() == ErrorKind::io && error.system_code() >= base::kFirstClientError);
  return of_server && error.system_code() != kLockWaitTimeout && source::worth_retrying(error);
}

Result<FileRecord> put_statements(SnapshotFolder& folder, std::string_view name, const std::string& text) {
  RELAY_TRY(folder.put(name, text));
  return FileRecord{std::string(name), 0, text.size(), text.size(), base::sha256_hex({base::ByteView::of(text)})};
}

}  // namespace

void Snapshot::stop() {
  stop_.request_stop();
  const base::MutexLock lock(mutex_);
  if (connections_ != nullptr) connections_->interrupt_all();
}

Result<void> Snapshot::open_journal() {
  RELAY_ASSIGN(journal_, SnapshotJournal::open(folder_.files(), folder_.directory()));
  const std::size_t broken = journal_->forget_broken();
  if (broken > 0) {
    base::log(base::LogLevel::warning, "{} tables that were finished are read again: their files are not as they were",
              broken);
  }
  return {};
}

Result<SnapshotOutcome> Snapshot::make() {
  RELAY_TRY(open_journal());
  auto pause = kPauseAfterChange;
  int changes = 0;
  std::size_t most_finished = 0;
  auto last_read = std::chrono::steady_clock::now();
  for (;;) {
    LiveConnections connections;
    {
      const base::MutexLock lock(mutex_);
      connections_ = &connections;
    }
    Result<SnapshotOutcome> made = make_once(connections);
    {
      const base::MutexLock lock(mutex_);
      connections_ = nullptr;
    }
    if (made) return made;
    if (stop_.stop_requested()) return base::fail(ErrorKind::interrupted, "stopped");
    // Where it comes on, it may be tried as often as it has to.
    const std::size_t finished = journal_->tables().size();
    if (finished > most_finished) changes = 0;
    most_finished = std::max(most_finished, finished);
    const bool read = progress_.rows > progress_.kept_rows;
    if (read) pause = kPauseAfterChange;
    if (table_changed(made.error())) {
      // To find out what could be kept would take longer than to read it again, and leave time for the next change.
      if (std::chrono::steady_clock::now() - reading_since_ < kReadAgain) journal_->forget();
      if (++changes == kSnapshotTries) {
        return base::fail(Error(made.error()).remedy("try again when no ALTER TABLE, TRUNCATE or DROP runs"));
      }
    } else if (source_was_lost(made.error())) {
      const auto now = std::chrono::steady_clock::now();
      if (read) last_read = now;
      if (now - last_read > kSourcePatience) return made;
    } else {
      return made;
    }
    base::log(base::LogLevel::info, "{}: the snapshot goes on at another moment, in {} s", made.error().message(),
              pause.count());
    if (stop_.wait_for(pause)) return base::fail(ErrorKind::interrupted, "stopped");
    pause = std::min(pause * 2, kLongestPauseBetween);
  }
}

Result<SnapshotOutcome> Snapshot::make_once(LiveConnections& connections) {
  if (stop_.stop_requested()) return base::fail(ErrorKind::interrupted, "stopped");
  progress_.rows = 0;
  progress_.kept_rows = 0;
  progress_.sql_bytes = 0;
  progress_.estimated_rows = 0;
  const source::SourceFacts& facts = settings_.facts;
  scrub_rules::Lineage lineage;
  const scrub_rules::RuleView rules(settings_.rules, facts.folds_case(), &lineage);
  const SchemaFunction read_schema = [&](source::SourceConnection& connection) -> Result<SnapshotSchema> {
    RELAY_ASSIGN(lineage,
                 scrub_rules::read_lineage(base::posix_file_system(), settings_.schema_history, facts.folds_case()));
    return read_snapshot_schema(connection, facts, settings_.leaving, rules);
  };
  const ViewSettings view_settings{settings_.source, facts, settings_.leaving, settings_.readers};
  RELAY_ASSIGN(const LogMark mark, read_log_mark(view_settings, connections, stop_));
  std::optional<ScanAhead> ahead;
  if (journal_->head() && !journal_->tables().empty()) {
    RELAY_ASSIGN(ahead,
                 scan_ahead(view_settings, connections, {journal_->head()->place, journal_->head()->file_made}, mark));
  }
  RELAY_ASSIGN(ConsistentView view, make_view(view_settings, read_schema, connections, stop_));
  RELAY_TRY(check_rules(view.schema, facts, rules));
  LiveConnection beside(connections);
  RELAY_TRY(beside->connect(settings_.source, source::SourceConnection::Purpose::questions));
  RELAY_TRY(set_reader_session(*beside, facts));  // it may have nothing to say for long
  RELAY_TRY(estimate(view, *beside));
  tell(view);
  RELAY_ASSIGN(const KeptTables kept, keep_tables(view_settings, mark, ahead, view, rules, *beside, connections));

  RELAY_ASSIGN(FileRecord schema, put_statements(folder_, kSchemaFile, schema_text(view.schema)));
  RELAY_ASSIGN(FileRecord indexes, put_statements(folder_, kIndexesFile, indexes_text(view.schema)));
  reading_since_ = std::chrono::steady_clock::now();
  TableWatch watch(*beside, facts, view.marks);
  TablePool pool(view, watch, facts.flavor, rules, folder_, connections, progress_, kept, *journal_);
  RELAY_ASSIGN(std::vector<TableRecord> tables, pool.run());

  SnapshotOutcome outcome{tables.size(), 0, schema.bytes + indexes.bytes, view.position.start()};
  for (const TableRecord& table : tables) {
    outcome.rows += table.rows;
    for (const FileRecord& file : table.files) outcome.bytes += file.bytes;
  }
  RELAY_TRY(folder_.finish(manifest_text({settings_.made_by, facts, view, settings_.rules_digest, std::move(schema),
                                          std::move(indexes), std::move(tables)})));
  return outcome;
}

Result<KeptTables> Snapshot::keep_tables(const ViewSettings& settings, const LogMark& mark,
                                         const std::optional<ScanAhead>& ahead, const ConsistentView& view,
                                         const scrub_rules::RuleView& rules, source::SourceConnection& questions,
                                         LiveConnections& connections) {
  RELAY_ASSIGN(const source::SourceFacts facts, source::read_source_facts(questions));
  if (text_of_source(facts) != text_of_source(settings_.facts)) {
    return base::fail(
        Error(ErrorKind::peer, "the source is another one, or another version, than the snapshot began with")
            .remedy("make it again"));
  }
  const LogMark from = earlier_of(mark, view.position);
  JournalHead now{settings_.made_by, text_of_source(facts), settings_.rules_digest, from.place, from.file_made};
  RELAY_ASSIGN(KeptTables kept, find_kept_tables({settings, view, rules, *journal_, now, ahead, connections, stop_}));
  std::set<std::string> files;
  for (const FinishedTable& table : kept.tables()) {
    for (const FileRecord& file : table.record.files) files.insert(file.name);
  }
  RELAY_TRY(journal_->begin(std::move(now), kept.tables()));
  RELAY_TRY(folder_.keep_only(files));
  progress_.kept_rows = kept.rows();
  progress_.rows = kept.rows();
  return kept;
}

// Behind the lining up: nobody waits for it.
Result<void> Snapshot::estimate(ConsistentView& view, source::SourceConnection& connection) {
  RELAY_TRY(estimate_rows(connection, settings_.facts, view.schema));
  std::uint64_t rows = 0;
  for (const SnapshotTable& table : view.schema.tables) rows += table.estimated_rows;
  progress_.estimated_rows = rows;
  return {};
}

void Snapshot::tell(const ConsistentView& view) {
  base::log(base::LogLevel::info, "{} readers lined up at {} by {}; commits were held back for {} ms",
            view.readers.size(), base::Subject(view.position.start()).text(), name_of(view.way),
            view.blocked_milliseconds);
}

}  // namespace relay::seed
