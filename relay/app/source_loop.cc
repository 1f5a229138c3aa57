#include "relay/app/source_loop.h"

#include "relay/app/leaving_tables.h"
#include "relay/app/start_point.h"
#include "relay/base/log.h"
#include "relay/binlog/event_type.h"
#include "relay/source/baseline.h"
#include "relay/source/client_error.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/table_rules.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;
using base::Result;
using namespace std::chrono_literals;

constexpr auto kFirstWait = 100ms;
constexpr auto kLongestWait = 15s;

// The relay's own files: codes of the source's errors and of its client library begin at 1000, those of the system
// below.
bool is_of_disk(const Error& error) {
  constexpr int kFirstServerError = 1000;
  return error.kind() == ErrorKind::io && error.system_code() > 0 && error.system_code() < kFirstServerError;
}

}  // namespace

spool::SourceIdentity source_identity(const source::SourceFacts& facts) {
  if (facts.flavor == binlog::Flavor::mysql) return {facts.server_uuid, facts.flavor};
  return {spool::mariadb_source_id(facts.server_id), facts.flavor};
}

SourceLoop::SourceLoop(Parts parts)
    : parts_(std::move(parts)),
      back_off_(kFirstWait, kLongestWait),
      egress_(parts_.configuration.spool.prove, parts_.configuration.canaries),
      counts_(parts_.audit),
      wanted_(parts_.rules) {}

void SourceLoop::stop() {
  stop_.request_stop();
  const base::MutexLock lock(connections_mutex_);
  interrupt_connections();
}

void SourceLoop::interrupt_connections() {
  for (const auto& held : connections_) {
    if (const auto connection = held.lock()) connection->interrupt();
  }
}

Result<std::shared_ptr<source::SourceConnection>> SourceLoop::connect(source::SourceConnection::Purpose purpose) {
  const auto connection = std::make_shared<source::SourceConnection>();
  {
    const base::MutexLock lock(connections_mutex_);
    if (stop_.stop_requested()) return base::fail(ErrorKind::interrupted, "stopped");
    std::erase_if(connections_, [](const auto& held) { return held.expired(); });
    connections_.push_back(connection);
  }
  RELAY_TRY(connection->connect(parts_.configuration.source.connection, purpose));
  return connection;
}

void SourceLoop::run() {
  read_halt_files();
  while (!stop_.stop_requested()) {
    const Result<void> ended = connect_and_stream();
    if (stop_.stop_requested()) break;
    if (take_retry()) {
      static_cast<void>(drop_stream());
      continue;
    }
    const Error error = ended ? Error(ErrorKind::io, "the source ended the stream") : ended.error();
    if (judge(error) == Next::halted) {
      if (!wait_halted()) break;
      continue;
    }
    const auto wait = back_off_.next();
    base::log(LogLevel::warning, "{}; trying again in {} ms", error.message(), wait.count());
    parts_.status.update([](RelayStatus::Snapshot& snapshot) { ++snapshot.reconnects; });
    if (!wait_to_retry(wait)) break;
  }
  if (pipeline_) static_cast<void>(pipeline_->abandon());
  static_cast<void>(parts_.writer.flush());
  if (const auto counted = counts_.write(parts_.writer.position()); !counted)
    base::log(LogLevel::error, "{}", counted.error().message());
}

// Which errors go away by themselves: those of the network, of the other server and of the disk. The rest is a halt.
SourceLoop::Next SourceLoop::judge(const Error& error) {
  TransactionName transaction = pipeline_ ? pipeline_->transaction() : TransactionName();
  if (transaction.start.file.empty()) transaction.start = stream_start_;
  const FailedStage stage = drop_stream();
  if (stage == FailedStage::spool) {
    parts_.status.set_phase(RelayPhase::waiting, error.message());
    return Next::connect_again;
  }
  if (stage == FailedStage::none && is_of_disk(error)) {
    parts_.status.set_phase(RelayPhase::waiting, error.message());
    return Next::connect_again;
  }
  if (stage == FailedStage::none && passes_by_itself(error)) {
    parts_.status.set_phase(RelayPhase::connecting, error.message());
    return Next::connect_again;
  }
  halt(error, transaction, stage == FailedStage::stream);
  return Next::halted;
}

// The schema history is durable before the spool is: it may hold a change whose transaction was then not published.
// Opened again, it is cut to where the spool ends.
FailedStage SourceLoop::drop_stream() {
  if (!pipeline_) return FailedStage::none;
  const FailedStage stage = pipeline_->failed_stage();
  if (const auto cut = pipeline_->abandon(); !cut) base::log(LogLevel::error, "{}", cut.error().message());
  if (stage == FailedStage::none) return stage;
  pipeline_.reset();
  passed_.reset();
  scrubber_.reset();
  history_.reset();
  return stage;
}

// Before a dump runs, every refusal of network or server may be mended at the other end: a password, a certificate,
// a grant. Later the server's own words count. Damaged bytes on the way are worth another try; damaged files of our own
// are not.
bool SourceLoop::passes_by_itself(const Error& error) const {
  if (dumping_) return error.kind() == ErrorKind::interrupted || source::worth_retrying(error);
  return error.kind() == ErrorKind::io || error.kind() == ErrorKind::peer || error.kind() == ErrorKind::interrupted;
}

Result<void> SourceLoop::connect_and_stream() {
  // Who waits for the disk waits until the stream goes on: a probe must not see it well between two tries.
  if (parts_.status.get().phase != RelayPhase::waiting) parts_.status.set_phase(RelayPhase::connecting);
  dumping_ = false;
  RELAY_ASSIGN(auto connection, connect(source::SourceConnection::Purpose::stream));
  RELAY_ASSIGN(const auto facts, source::read_source_facts(*connection));
  RELAY_TRY(open_history(facts));
  RELAY_ASSIGN(const bool checked, check_successor(*connection, facts));
  if (checked) {
    RELAY_ASSIGN(connection, connect(source::SourceConnection::Purpose::stream));
    RELAY_TRY(require_same_server(*connection, source_identity(facts)));
  }
  RELAY_TRY(prepare(facts));
  RELAY_ASSIGN(const auto request, dump_request(facts));
  RELAY_TRY(connection->start_dump(request));
  source::SourceStream stream(*connection, connection->checksum());
  if (!request.by_gtid) stream.skip_to(request.file, stream_start_.offset);
  base::log(LogLevel::info, "following the source from {}", describe_start(request));
  parts_.status.update([&](RelayStatus::Snapshot& snapshot) {
    snapshot.source_version = facts.version;
    snapshot.source_id = source_identity(facts).id;
    snapshot.source_gtid_mode = facts.has_gtids();
    snapshot.connected_once = true;
    snapshot.last_contact = RelayStatus::Clock::now();
  });
  parts_.status.set_phase(RelayPhase::streaming);
  dumping_ = true;
  return follow(stream);
}

Result<void> SourceLoop::follow(source::SourceStream& stream) {
  while (true) {
    RELAY_ASSIGN(const auto item, stream.next());
    if (!item) return {};
    if (item->event.type() == binlog::EventType::heartbeat || item->event.type() == binlog::EventType::heartbeat_v2) {
      RELAY_TRY(parts_.writer.flush());
      parts_.status.update([](RelayStatus::Snapshot& snapshot) {
        snapshot.last_contact = RelayStatus::Clock::now();
        snapshot.lag_seconds = 0;
      });
      continue;
    }
    event_end_.file = item->file;
    event_end_.offset = item->end_offset;
    const std::uint32_t size = item->event.header().event_size;
    const bool was_inside = parts_.writer.in_transaction();
    RELAY_TRY(pipeline_->process(item->event, item->file, item->end_offset));
    if (was_inside && !parts_.writer.in_transaction()) back_off_.reset();  // a whole transaction: it goes on
    if (has_halt_files_) leave_halt();
    parts_.status.update([size](RelayStatus::Snapshot& snapshot) {
      snapshot.source_bytes += size;
      snapshot.last_contact = RelayStatus::Clock::now();
    });
  }
}

// The history of the schema at the place where the stream goes on, and the rules that are in force there.
Result<void> SourceLoop::open_history(const source::SourceFacts& facts) {
  const auto& resume = parts_.writer.resume_point();
  if (resume && resume->source.flavor != facts.flavor) {
    return base::fail(Error(ErrorKind::configuration, "the spool was written from a server of the other flavour")
                          .remedy("give this source its own [spool] directory"));
  }
  if (!history_) {
    // The history may be written anew from here on: no later start may resume before.
    RELAY_TRY(parts_.writer.abandon());
    RELAY_TRY(parts_.writer.flush());
    const scrub_rules::HistoryPosition at{parts_.writer.position().file, resume ? resume->position.offset : 0};
    const auto mark = resume ? std::optional(resume->schema_mark) : std::nullopt;
    RELAY_ASSIGN(history_, scrub_rules::SchemaHistory::open(parts_.files, schema_history_path(parts_.configuration), at,
                                                            facts.folds_case(), mark));
  }
  return settle_rules(facts);
}

// The rest of what stands between the connection and the first event: a schema to begin with, and a pipeline that knows
// which source file the spool's last file was made from.
Result<void> SourceLoop::prepare(const source::SourceFacts& facts) {
  const spool::SourceIdentity identity = source_identity(facts);
  const auto& resume = parts_.writer.resume_point();
  const bool fold_case = facts.folds_case();
  const std::uint32_t spool_file = parts_.writer.position().file;
  if (!resume && !first_position_) RELAY_TRY(first_start(facts));
  RELAY_TRY(parts_.audit.source(identity.id, facts.version, source_address()));
  settings_.flavor = facts.flavor;
  settings_.fold_case = fold_case;
  source_version_ = facts.version_number;
  scrub_rules::ScrubberSettings settings = settings_;
  settings.xa_key = parts_.xa_key.reveal();
  settings.made = egress_.made();
  egress_.guard(parts_.writer, rules_->set, *history_, facts.flavor, fold_case);
  scrubber_ = std::make_unique<scrub_rules::EventScrubber>(rules_->set, *history_, settings);
  scrubber_->count_into(counts_.tally());
  passed_ = std::make_unique<scrub_rules::PassedTransaction>(rules_->set, *history_, settings);
  const bool same_source = resume && resume->source == identity;
  pipeline_ = std::make_unique<Pipeline>(
      Pipeline::Parts{*scrubber_, *history_, parts_.writer, parts_.status, passed_.get(), &parts_.audit, &counts_},
      Pipeline::FileFacts{identity, facts.version, rules_->digest, first_gtids_,
                          resume ? spool::SourcePosition{} : first_position_.value_or(spool::SourcePosition{}),
                          goes_by_gtid(facts)},
      same_source ? resume->position.file : std::string(), spool_file);
  stream_start_ = resume ? resume->position : first_position_.value_or(spool::SourcePosition{});
  judge_resolution(identity);
  pipeline_->set_resolution(resolution_);
  return {};
}

// The spool is empty: the schema is read at a known place first, because table maps alone do not name columns
// everywhere. Questions about many tables take their time: they go over a connection that grants it.
Result<void> SourceLoop::first_start(const source::SourceFacts& facts) {
  base::log(LogLevel::info, "first start: reading the source's schema");
  RELAY_ASSIGN(const auto questions, connect(source::SourceConnection::Purpose::questions));
  RELAY_ASSIGN(const auto dump, connect(source::SourceConnection::Purpose::stream));
  const source::ReplicaIdentity identity{parts_.configuration.source.server_id, parts_.replica_uuid};
  RELAY_ASSIGN(auto start, source::prepare_start(*questions, *dump, facts, parts_.configuration.source.start,
                                                 leaving_tables(rules_->set, facts), identity));
  for (const sql::TableName& name : start.left_out) {
    base::log(LogLevel::warning,
              "{}.{} was changed by DDL between the start and now: its rows halt the stream unless its CREATE is in "
              "the stream",
              name.database, name.table);
  }
  const scrub_rules::RuleView rules(rules_->set, facts.folds_case());
  scrub_rules::resolve_key_origins(start.schema.tables, facts.folds_case());
  auto lineage = scrub_rules::take_out_empty_copies(rules, start.schema.tables);
  scrub_rules::forget_stripped_members(rules, start.schema.tables);
  std::vector<scrub_rules::PlainChange> plain;
  for (sql::TableName& name : start.plain_tables) plain.push_back({std::move(name), true});
  RELAY_TRY(history_->set_baseline({0, 0}, std::move(start.schema.tables),
                                   std::move(start.schema.database_character_sets), std::move(lineage),
                                   std::move(plain)));
  first_position_ = {start.file, start.offset};
  first_by_gtid_ = start.by_gtid;
  first_gtids_ = {std::move(start.mysql_gtids), std::move(start.mariadb_gtids)};
  return {};
}

// GTIDs where the source has them: they hold across a change of source. The first start of a position is by position,
// and so is the way on behind a transaction without a GTID: a source that was switched to GTIDs since passes over files
// whose GTIDs are all known, and over what lies in them without one.
bool SourceLoop::goes_by_gtid(const source::SourceFacts& facts) const {
  const auto& resume = parts_.writer.resume_point();
  if (!resume) return first_by_gtid_;
  const bool knows_position =
      resume->source == source_identity(facts) && resume->position.offset != spool::kUnknownOffset;
  return resumes_by_gtid(facts, resume->gtids) && !(resume->anonymous && knows_position);
}

Result<source::DumpRequest> SourceLoop::dump_request(const source::SourceFacts& facts) const {
  const auto& resume = parts_.writer.resume_point();
  source::DumpRequest request;
  request.flavor = facts.flavor;
  request.identity = {parts_.configuration.source.server_id, parts_.replica_uuid};
  request.heartbeat = parts_.configuration.source.connection.heartbeat;
  request.by_gtid = goes_by_gtid(facts);
  const spool::GtidState& gtids = resume ? resume->gtids : first_gtids_;
  request.mysql_gtids = gtids.mysql;
  request.mariadb_gtids = gtids.mariadb;
  if (request.by_gtid) return request;
  const spool::SourcePosition& position = resume ? resume->position : *first_position_;
  if (resume && !(resume->source == source_identity(facts))) {
    return base::fail(
        Error(ErrorKind::configuration,
              "this is another source than the one the spool was written from, and it has no GTIDs to go on by")
            .remedy("connect to the first source again, or give the new one its own [spool] directory"));
  }
  if (position.offset == spool::kUnknownOffset) {
    return base::fail(
        Error(ErrorKind::configuration,
              "where to go on in the source's log is known by GTIDs only, and it has none now")
            .about(position.file)
            .remedy(
                "set gtid_mode to ON at the source again until the relay has read a transaction, or give the stream "
                "a new [spool] directory and seed the replicas again"));
  }
  request.file = position.file;
  request.offset = position.offset;
  return request;
}

}  // namespace relay::app
