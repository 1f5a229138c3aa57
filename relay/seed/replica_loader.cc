#include "relay/seed/replica_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/replica_check.h"
#include "relay/seed/replica_error.h"
#include "relay/seed/replica_statements.h"
#include "relay/seed/rows_file_reader.h"
#include "relay/seed/rows_writer.h"
#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"
#include "relay/source/schema_reader.h"
#include "relay/sql/token.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::SourceConnection;

// A session whose line was cut is ended by the server after a minute.
constexpr std::chrono::seconds kGuardPatience{90};
constexpr int kPacketTooLarge = 1153;
// Duplicate name of an index or foreign key, in the words of several versions.
constexpr int kNameExists[] = {1005, 1022, 1061, 1826};

// Rows and bytes that are counted before they are there, and taken back where they do not come.
class CountedInAdvance {
 public:
  explicit CountedInAdvance(LoadCounts& counts) : counts_(counts) {}
  CountedInAdvance(const CountedInAdvance&) = delete;
  CountedInAdvance& operator=(const CountedInAdvance&) = delete;
  ~CountedInAdvance() { set(0, 0); }
  void set(std::uint64_t rows, std::uint64_t bytes) {
    counts_.rows += rows - rows_;
    counts_.bytes += bytes - bytes_;
    rows_ = rows;
    bytes_ = bytes;
  }
  void keep() { rows_ = bytes_ = 0; }

 private:
  LoadCounts& counts_;
  std::uint64_t rows_ = 0, bytes_ = 0;
};

Result<std::uint64_t> longest_statement(SourceConnection& connection) {
  constexpr std::uint64_t kRoom = 16;  // for the command around it
  RELAY_ASSIGN(const auto value, connection.query_value("SELECT @@SESSION.max_allowed_packet"));
  const std::string text = value.value_or("");
  std::uint64_t packet = 0;
  std::from_chars(text.data(), text.data() + text.size(), packet);
  return packet > kRoom ? packet - kRoom : 0;
}

// What is noted of a statement of indexes.sql.
std::string index_step(std::size_t number) { return fmt::format("index {}", number); }

}  // namespace

ReplicaLoader::~ReplicaLoader() {
  keeper_stop_.request_stop();
  guard_.drop();
  if (keeper_.joinable()) keeper_.join();
}

void ReplicaLoader::stop() {
  lines_.stop(Error(ErrorKind::interrupted, "stopped"));
  guard_.drop();
  drop_lines();
}

void ReplicaLoader::drop_lines() {
  const base::MutexLock lock(mutex_);
  for (ReplicaLine* line : in_use_) line->drop();
}

Result<void> ReplicaLoader::check(base::Problems& problems) {
  RELAY_ASSIGN(snapshot_, read_snapshot_folder(settings_.files, settings_.directory));
  counts_.total_bytes = snapshot_.bytes();
  SourceConnection connection;
  const auto judged = [&]() -> Result<void> {
    RELAY_TRY(connection.connect(settings_.replica, SourceConnection::Purpose::questions));
    RELAY_ASSIGN(facts_, source::read_source_facts(connection));
    RELAY_ASSIGN(found_, LoadProgress::find(connection, snapshot_.sha256));
    const bool resumed = found_ == LoadProgress::State::begun;
    if (resumed) {
      RELAY_ASSIGN(steps_, LoadProgress::steps(connection));
    }
    const bool told = steps_.contains(std::string(kFollowBegun));
    return check_replica(connection, facts_, snapshot_,
                         {resumed, settings_.follows, settings_.own, told ? &settings_.target : nullptr}, problems);
  }();
  if (!judged) return base::fail(replica_error(judged.error()));
  if (found_ == LoadProgress::State::other) {
    return base::fail(
        Error(ErrorKind::configuration, "the load of another snapshot was begun at the replica, and not ended")
            .about(kProgressDatabase)
            .remedy("load that one again; or drop its tables there, and the database binlog_relay_seed"));
  }
  return {};
}

Result<void> ReplicaLoader::load() {
  const ReplicaLine::Work begin = [this](SourceConnection& connection) -> Result<void> {
    RELAY_TRY(take_guard(connection, kGuardPatience));
    // Another load may have begun, or ended, while this one waited.
    RELAY_ASSIGN(const auto found, LoadProgress::find(connection, snapshot_.sha256));
    if (found != found_) {
      return base::fail(
          Error(ErrorKind::configuration, "another load was at work at the replica").remedy("load again"));
    }
    if (found_ == LoadProgress::State::none) RELAY_TRY(LoadProgress::begin(connection, snapshot_.sha256));
    found_ = LoadProgress::State::begun;
    RELAY_ASSIGN(steps_, LoadProgress::steps(connection));
    return {};
  };
  RELAY_TRY(guard_.run_once(begin));
  keeper_ = std::thread([this] { keep_guard(); });
  for (;;) {
    RELAY_TRY(make_tables());
    RELAY_TRY(load_rows());
    RELAY_TRY(add_indexes());
    RELAY_ASSIGN(const bool complete, all_noted());
    if (complete) return {};
    base::log(base::LogLevel::info, "the replica has lost something of what was loaded: it is loaded again");
  }
}

Result<bool> ReplicaLoader::all_noted() {
  ReplicaLine line(lines_, ReplicaLine::Statements::quick);
  const ReplicaLine::Work read = [this](SourceConnection& connection) -> Result<void> {
    RELAY_ASSIGN(steps_, LoadProgress::durable_steps(connection));
    return {};
  };
  RELAY_TRY(line.run(read));
  return std::ranges::includes(steps_, wanted_);
}

Result<void> ReplicaLoader::load_rows() {
  std::vector<Job> jobs;
  std::size_t done = 0;
  counts_.total_indexes = 0;
  counts_.bytes = 0;
  counts_.rows = 0;
  for (const TableRecord& table : snapshot_.tables) {
    for (const FileRecord& file : table.files) {
      wanted_.insert(file.name);
      if (steps_.contains(file.name)) {
        ++done;
        counts_.bytes += file.bytes;
        counts_.rows += file.rows;
        continue;
      }
      jobs.emplace_back([this, job = FileJob{&table, &file}](ReplicaLine& line) { return load_file(line, job); });
    }
  }
  if (done > 0) base::log(base::LogLevel::info, "{} files are loaded already: going on", done);
  return work_off(jobs, ReplicaLine::Statements::quick);
}

Result<void> ReplicaLoader::load_file(ReplicaLine& line, const FileJob& job) {
  const FileRecord& file = *job.file;
  const std::string table = quoted({job.table->database, job.table->table});
  const auto loaded = line.run([&](SourceConnection& connection) -> Result<void> {
    CountedInAdvance counted(counts_);
    RELAY_ASSIGN(RowsFileReader reader,
                 RowsFileReader::open(settings_.files, settings_.directory + '/' + file.name, file, table));
    RELAY_TRY(connection.query("START TRANSACTION"));
    // It may be there: the answer to its COMMIT was lost.
    if (const auto noted = LoadProgress::note(connection, file.name); !noted) {
      if (!LoadProgress::already_noted(noted.error())) return noted;
      RELAY_TRY(connection.query("ROLLBACK"));
      counted.set(file.rows, file.bytes);
      counted.keep();
      return {};
    }
    RELAY_TRY(run_all(connection, rows_file_head()));
    RELAY_ASSIGN(const std::uint64_t longest, longest_statement(connection));
    for (;;) {
      RELAY_ASSIGN(const auto statement, reader.next());
      if (!statement) break;
      // Some servers cut the line instead of saying so.
      if (statement->size() > longest) return base::fail(Error(ErrorKind::peer, "").code(kPacketTooLarge));
      RELAY_TRY(connection.query(*statement));
      counted.set(reader.rows(), file.rows == 0 ? 0 : file.bytes * reader.rows() / file.rows);
    }
    RELAY_TRY(connection.query("COMMIT"));
    counted.set(file.rows, file.bytes);
    counted.keep();
    return {};
  });
  if (!loaded && loaded.error().subject().empty()) return base::fail(Error(loaded.error()).about(file.name));
  return loaded;
}

Result<void> ReplicaLoader::add_indexes() {
  RELAY_ASSIGN(const std::string text, read_statements_file(settings_.files, settings_.directory, snapshot_.indexes));
  RELAY_ASSIGN(const std::vector<SchemaStatement> statements, read_index_statements(text, snapshot_));
  // A table's statements one behind the other. Foreign keys change two tables each: one line does all of them, when
  // all indexes are there.
  std::vector<std::vector<std::size_t>> groups;
  std::vector<std::size_t> keys;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    wanted_.insert(index_step(i));
    if (!statements[i].foreign_keys.empty()) {
      keys.push_back(i);
    } else if (i > 0 && !groups.empty() && statements[i - 1].table == statements[i].table) {
      groups.back().push_back(i);
    } else {
      groups.push_back({i});
    }
  }
  counts_.indexes = 0;
  counts_.total_indexes = statements.size();
  const auto job_of = [&](std::vector<std::size_t> group) -> Job {
    return [this, &statements, numbers = std::move(group)](ReplicaLine& line) -> Result<void> {
      for (const std::size_t i : numbers) {
        if (!steps_.contains(index_step(i))) RELAY_TRY(alter(line, index_step(i), statements[i]));
        ++counts_.indexes;
      }
      return {};
    };
  };
  std::vector<Job> jobs;
  for (std::vector<std::size_t>& group : groups) jobs.push_back(job_of(std::move(group)));
  RELAY_TRY(work_off(jobs, ReplicaLine::Statements::long_ones));
  return work_off({job_of(std::move(keys))}, ReplicaLine::Statements::long_ones);
}

Result<void> ReplicaLoader::alter(ReplicaLine& line, const std::string& step, const SchemaStatement& statement) {
  const auto altered = line.run([&](SourceConnection& connection) -> Result<void> {
    RELAY_ASSIGN(const bool there, has_all(connection, statement));
    if (!there) {
      RELAY_TRY(run_all(connection, schema_head()));
      const auto added = connection.query(statement.text);
      const bool exists =
          !added && std::ranges::find(kNameExists, added.error().system_code()) != std::end(kNameExists);
      if (!added && !exists) return base::fail(added.error());
      // Somebody else's statement may have added it meanwhile: one of an earlier load, whose line was lost.
      if (exists) {
        RELAY_ASSIGN(const bool came, has_all(connection, statement));
        if (!came) return base::fail(added.error());
      }
    }
    const auto noted = LoadProgress::note(connection, step);
    return noted || LoadProgress::already_noted(noted.error()) ? Result<void>() : noted;
  });
  if (!altered && altered.error().subject().empty()) return base::fail(about_table(altered.error(), statement.table));
  return altered;
}

Result<bool> ReplicaLoader::has_all(SourceConnection& connection, const SchemaStatement& statement) {
  RELAY_ASSIGN(const source::Rows rows, connection.query("SHOW CREATE TABLE " + quoted(statement.table)));
  if (rows.empty() || rows[0].size() < 2 || !rows[0][1]) {
    return base::fail(ErrorKind::unsupported, "the replica does not show a table's definition");
  }
  RELAY_ASSIGN(const sql::TableDefinition table,
               source::read_definition(*rows[0][1], source::show_create_context(facts_, statement.table.database), {}));
  std::size_t there = 0;
  for (const std::string& name : statement.indexes) {
    there +=
        std::ranges::count_if(table.indexes, [&](const auto& index) { return sql::equal_keywords(index.name, name); });
  }
  for (const std::string& name : statement.foreign_keys) {
    there +=
        std::ranges::count_if(table.foreign_keys, [&](const auto& key) { return sql::equal_keywords(key.name, name); });
  }
  if (there == statement.indexes.size() + statement.foreign_keys.size()) return true;
  if (there == 0) return false;
  return base::fail(Error(ErrorKind::rule, "the replica's table has some of the indexes that are to be added to it")
                        .about(statement.table.database + '.' + statement.table.table)
                        .remedy("drop them, and load again"));
}

Result<void> ReplicaLoader::work_off(const std::vector<Job>& jobs, ReplicaLine::Statements statements) {
  std::atomic<std::size_t> next{0};
  base::Mutex mutex;
  std::optional<Error> failed;
  const auto work = [&] {
    ReplicaLine line(lines_, statements);
    {
      const base::MutexLock lock(mutex_);
      in_use_.push_back(&line);
    }
    for (;;) {
      const std::size_t job = next++;
      if (job >= jobs.size()) break;
      const auto done = jobs[job](line);
      if (done) continue;
      const base::MutexLock lock(mutex);
      if (!failed) failed = done.error();
      next = jobs.size();
    }
    const base::MutexLock lock(mutex_);
    std::erase(in_use_, &line);
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(settings_.loaders, jobs.size()); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (failed) return base::fail(*failed);
  return {};
}

}  // namespace relay::seed
