#include "relay/seed/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "relay/seed/replica_error.h"
#include "relay/seed/replica_repair.h"
#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"
#include "relay/sql/character_set.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

using Name = std::pair<std::string, std::string>;
constexpr auto kExtraPauses = std::to_array<std::chrono::milliseconds>(
    {std::chrono::milliseconds(0), std::chrono::milliseconds(500), std::chrono::milliseconds(2000)});

// MySQL says it by its uuid; MariaDB has none.
Result<std::string> identity_of(source::SourceConnection& connection, const source::SourceFacts& facts) {
  if (!facts.server_uuid.empty()) return facts.server_uuid;
  RELAY_ASSIGN(const auto text, connection.query_value("SELECT CONCAT(@@server_id, '@', @@hostname, ':', @@port)"));
  return text.value_or("");
}

// Those of MySQL 8.0.30 and later make keys of their own for tables without one, and need not show them.
Result<void> hide_made_keys(source::SourceConnection& replica, const source::SourceFacts& facts) {
  constexpr std::uint32_t kMadeKeysSince = 80030;
  if (facts.flavor != binlog::Flavor::mysql || facts.version_number < kMadeKeysSince) return {};
  RELAY_TRY(replica.query("SET SESSION show_gipk_in_create_table_and_information_schema = OFF"));
  return {};
}

}  // namespace

bool VerifyOutcome::differs() const { return std::ranges::any_of(tables, &TableFindings::differs); }
bool VerifyOutcome::is_decided() const { return std::ranges::all_of(tables, &TableFindings::is_decided); }

struct Verify::Run {
  source::SourceFacts replica;
  source::CharacterSets replica_databases;
  DefaultCollations source_collations, replica_collations;
  SnapshotSchema schema;
  std::optional<ComparedServers> servers;
  std::optional<RowHasher> hasher;
  std::optional<ReplicaProgress> following;
  std::optional<Comparing> comparing;
  std::optional<VerifyRecord> record;
  std::deque<SnapshotTable> waiting;  // guarded by mutex_, as all below
  std::vector<TableFindings> findings, repaired;
  std::optional<Error> error;
};

void Verify::stop() {
  stop_.request_stop();
  connections_.interrupt_all();
}

// Nothing can be written by these sessions.
Result<void> Verify::open(SidePair& pair, const source::SourceFacts* replica) {
  constexpr auto kQuestions = source::SourceConnection::Purpose::questions;
  constexpr const char* kReadOnly = "SET SESSION TRANSACTION READ ONLY";
  RELAY_TRY(pair.source->connect(settings_.source, kQuestions));
  RELAY_TRY(set_reader_session(*pair.source, settings_.facts));
  RELAY_TRY(pair.source->query(kReadOnly));
  if (auto connected = pair.replica->connect(settings_.replica, kQuestions); !connected) {
    return base::fail(replica_error(connected.error()));
  }
  if (replica == nullptr) return {};
  RELAY_TRY(set_reader_session(*pair.replica, *replica));
  RELAY_TRY(hide_made_keys(*pair.replica, *replica));
  RELAY_TRY(pair.replica->query(kReadOnly));
  return {};
}

Result<VerifyOutcome> Verify::run() {
  Run run;
  auto done = [&]() -> Result<void> {
    SidePair pair(connections_);
    RELAY_TRY(open(pair, nullptr));
    RELAY_ASSIGN(run.replica, source::read_source_facts(*pair.replica));
    if (run.replica.flavor != settings_.facts.flavor) {
      return base::fail(ErrorKind::unsupported, "source and replica are not of one kind: MySQL or MariaDB");
    }
    RELAY_TRY(set_reader_session(*pair.replica, run.replica));
    RELAY_TRY(hide_made_keys(*pair.replica, run.replica));
    RELAY_TRY(pair.replica->query("SET SESSION TRANSACTION READ ONLY"));
    RELAY_TRY(read_schemas(run, pair));
    RELAY_TRY(compare_tables(run, run.schema.tables));
    if (settings_.repair) RELAY_TRY(repair(run));
    return find_extra_tables(run, pair);
  }();
  if (stop_.stop_requested()) return base::fail(ErrorKind::interrupted, "stopped");
  if (!done) return base::fail(done.error());
  VerifyOutcome outcome;
  std::ranges::sort(run.findings, {},
                    [](const TableFindings& findings) { return Name(findings.table.database, findings.table.table); });
  for (const TableFindings& findings : run.findings) outcome.rows += findings.rows;
  outcome.tables = std::move(run.findings);
  outcome.repaired = std::move(run.repaired);
  RELAY_TRY(run.record->remove());
  return outcome;
}

Result<void> Verify::read_schemas(Run& run, SidePair& pair) {
  run.following.emplace(settings_.facts, run.replica, settings_.ask_relay, stop_);
  RELAY_TRY(run.following->state(*pair.replica));
  RELAY_ASSIGN(run.replica_databases, source::read_databases(*pair.replica, run.replica));
  RELAY_ASSIGN(run.source_collations, read_default_collations(*pair.source));
  RELAY_ASSIGN(run.replica_collations, read_default_collations(*pair.replica));
  run.servers.emplace(ComparedServers{settings_.facts, run.replica, run.replica_databases, run.source_collations,
                                      run.replica_collations, settings_.leaving, settings_.rules});
  RELAY_ASSIGN(run.schema, read_leaving(*pair.source, *run.servers));
  std::vector<sql::TableName> leaving;
  for (const SnapshotTable& table : run.schema.tables) leaving.push_back(table.definition.name());
  RELAY_TRY(settings_.check_choice(leaving));
  std::erase_if(run.schema.tables,
                [&](const SnapshotTable& table) { return !settings_.chosen(table.definition.name()); });
  RELAY_TRY(estimate_rows(*pair.source, settings_.facts, run.schema));
  RELAY_ASSIGN(const std::string source, identity_of(*pair.source, settings_.facts));
  RELAY_ASSIGN(const std::string replica, identity_of(*pair.replica, run.replica));
  RELAY_ASSIGN(auto record, VerifyRecord::open(base::posix_file_system(), settings_.record,
                                               fmt::format("{} {} {}", settings_.rules_digest, source, replica)));
  run.record.emplace(std::move(record));
  RELAY_ASSIGN(run.hasher, RowHasher::make());
  run.comparing.emplace(Comparing{*run.hasher, *run.following, limit_, progress_, stop_, settings_.max_lag});
  return {};
}

Result<void> Verify::compare_tables(Run& run, std::vector<SnapshotTable> tables) {
  std::ranges::stable_sort(tables, std::ranges::greater{}, &SnapshotTable::estimated_rows);
  std::uint64_t estimated = 0;
  for (SnapshotTable& table : tables) {
    const auto before = run.record->find(table.definition.name(), mark_of(table, settings_.rules));
    if (before && !before->up_to) {
      run.findings.push_back(before->findings);
      continue;
    }
    estimated += table.estimated_rows;
    run.waiting.push_back(std::move(table));
  }
  progress_.estimated_rows = estimated;
  progress_.tables = run.waiting.size();
  std::vector<std::thread> threads;
  const std::size_t readers = std::min(settings_.readers, std::max<std::size_t>(1, run.waiting.size()));
  for (std::size_t i = 0; i < readers; ++i) threads.emplace_back([this, &run] { work(run); });
  for (std::thread& thread : threads) thread.join();
  if (run.error) return base::fail(*run.error);
  return {};
}

void Verify::work(Run& run) {
  SidePair pair(connections_);
  Result<void> done = open(pair, &run.replica);
  if (done) done = work_through(run, pair);
  if (done) return;
  const base::MutexLock lock(mutex_);
  if (run.error) return;
  run.error = done.error();
  connections_.interrupt_all();  // what the others have found is in the record
}

Result<void> Verify::work_through(Run& run, SidePair& pair) {
  while (std::optional<SnapshotTable> table = next(run)) {
    TableComparison comparison(*run.servers, *run.comparing, pair, *run.record);
    RELAY_ASSIGN(TableFindings findings, comparison.run(std::move(*table), run.schema.databases));
    if (findings.failed.empty()) {
      if (!findings.gone) RELAY_TRY(run.record->done(findings));
    } else {
      RELAY_TRY(open(pair, &run.replica));  // an answer that was not read to its end has closed it
    }
    ++progress_.tables_done;
    const base::MutexLock lock(mutex_);
    run.findings.push_back(std::move(findings));
  }
  return {};
}

std::optional<SnapshotTable> Verify::next(Run& run) {
  const base::MutexLock lock(mutex_);
  if (run.error || run.waiting.empty()) return {};
  SnapshotTable table = std::move(run.waiting.front());
  run.waiting.pop_front();
  return table;
}

Result<void> Verify::repair(Run& run) {
  std::ranges::partition_copy(std::exchange(run.findings, {}), std::back_inserter(run.repaired),
                              std::back_inserter(run.findings), is_repairable);
  if (run.repaired.empty()) return {};
  ReplicaRepair repair(
      {settings_.source, settings_.facts, settings_.replica, run.replica, settings_.leaving, settings_.rules},
      connections_, stop_);
  RELAY_TRY(repair.run(run.repaired));
  std::erase_if(run.repaired, [&](const TableFindings& findings) {
    if (findings.not_repaired.empty()) return false;
    run.findings.push_back(findings);
    return true;
  });
  std::vector<SnapshotTable> again;
  for (const TableFindings& findings : run.repaired) {
    RELAY_TRY(run.record->forget(findings.table));
    std::ranges::copy_if(run.schema.tables, std::back_inserter(again),
                         [&](const SnapshotTable& table) { return table.definition.name() == findings.table; });
  }
  return compare_tables(run, std::move(again));
}

// Tables that the replica has in the databases that leave, and the rules do not make.
Result<void> Verify::find_extra_tables(Run& run, SidePair& pair) {
  const bool folds = settings_.facts.folds_case() || run.replica.folds_case();
  const auto folded = [&](const std::string& name) { return folds ? sql::folded(name) : name; };
  std::set<Name> extra;
  for (const auto pause : kExtraPauses) {
    if (stop_.wait_for(pause)) return base::fail(ErrorKind::interrupted, "stopped");
    RELAY_ASSIGN(const SnapshotSchema schema, read_leaving(*pair.source, *run.servers));
    RELAY_ASSIGN(const std::string place, run.following->place(*pair.source));
    RELAY_TRY(run.following->wait_for(*pair.replica, place, [] { return Result<void>(); }));
    RELAY_ASSIGN(const auto there, source::read_table_names(*pair.replica, run.replica));
    std::set<std::string> databases;
    for (const auto& entry : schema.databases) databases.insert(folded(entry.first));
    std::set<Name> leaving;
    for (const SnapshotTable& table : schema.tables) {
      leaving.emplace(folded(table.definition.database), folded(table.definition.table));
    }
    std::set<Name> now;
    for (const sql::TableName& name : there) {
      if (!databases.contains(folded(name.database)) || !settings_.chosen(name)) continue;
      if (!leaving.contains({folded(name.database), folded(name.table)})) now.emplace(name.database, name.table);
    }
    if (pause == kExtraPauses.front()) extra = now;
    std::erase_if(extra, [&](const Name& name) { return !now.contains(name); });
    if (extra.empty()) return {};
  }
  for (const auto& [database, table] : extra) {
    TableFindings findings;
    findings.table = {database, table};
    findings.rows_compared = false;
    findings.schema.push_back({"table not in the scrubbed source", ""});
    run.findings.push_back(std::move(findings));
  }
  return {};
}

}  // namespace relay::seed
