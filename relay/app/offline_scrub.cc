#include "relay/app/offline_scrub.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "relay/app/binlog_file.h"
#include "relay/app/xa_key.h"
#include "relay/binlog/event_type.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/table_rules.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using binlog::ChecksumAlgorithm;
using binlog::EventType;
using binlog::EventView;

constexpr std::size_t kMaximumSchema = std::size_t{64} << 20;
constexpr std::uint16_t kUtf8mb4 = 45;  // utf8mb4_general_ci

std::string name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

// One file's events with their checksums, which the file's own format description turns on and off.
class CheckedFile {
 public:
  static Result<CheckedFile> open(base::FileSystem& files, const std::string& path) {
    RELAY_ASSIGN(BinlogFile file, BinlogFile::open(files, path));
    return CheckedFile(std::move(file), path);
  }

  Result<std::optional<EventView>> next() {
    RELAY_ASSIGN(const auto event, file_.next(checksum_));
    if (!event) return event;
    if (!event->checksum_is_right()) return stop(ErrorKind::malformed, "an event's checksum is wrong", {});
    if (event->type() == EventType::start_encryption) {
      return stop(ErrorKind::unsupported, "the file is encrypted",
                  "fetch it from the server in clear: mariadb-binlog --read-from-remote-server --raw");
    }
    if (event->type() == EventType::format_description) {
      RELAY_ASSIGN(const auto format, binlog::FormatDescription::parse(event->bytes()));
      checksum_ = format.checksum;
    }
    return event;
  }

  [[nodiscard]] std::uint64_t event_offset() const { return file_.event_offset(); }

 private:
  CheckedFile(BinlogFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  [[nodiscard]] tl::unexpected<Error> stop(ErrorKind kind, base::FixedText what, base::FixedText remedy) const {
    return base::fail(Error(kind, what).about(path_).at(file_.event_offset()).remedy(remedy));
  }

  BinlogFile file_;
  std::string path_;
  ChecksumAlgorithm checksum_ = ChecksumAlgorithm::none;
};

bool opens_file(EventType type) {
  return type == EventType::format_description || type == EventType::previous_gtids || type == EventType::gtid_list;
}

Result<spool::GtidState> gtids_of(const EventView& event) {
  spool::GtidState state;
  if (event.type() == EventType::previous_gtids) {
    RELAY_ASSIGN(state.mysql, binlog::MysqlGtidSet::parse_binary(event.body()));
  }
  if (event.type() == EventType::gtid_list) {
    RELAY_ASSIGN(state.mariadb, binlog::MariadbGtidList::parse_event(event.body()));
  }
  return state;
}

}  // namespace

OfflineScrub::OfflineScrub(base::FileSystem& files, const Configuration& configuration,
                           const scrub_rules::RuleSet& rules, OfflineScrubRequest request)
    : files_(files),
      configuration_(configuration),
      rules_(rules),
      request_(std::move(request)),
      index_(files, request_.output),
      egress_(configuration.spool.prove, configuration.canaries) {}
OfflineScrub::~OfflineScrub() = default;

Result<void> OfflineScrub::run(const Done& done) {
  RELAY_ASSIGN(const Start start, read_start(request_.files.front()));
  RELAY_TRY(prepare(start));
  Result<void> scrubbed;
  for (const std::string& path : request_.files) {
    report_.file = path;
    scrubbed = scrub_file(path, done);
    if (!scrubbed) break;
  }
  const FailedStage stage = pipeline_->failed_stage();
  report_.halted = !scrubbed && stage == FailedStage::stream;
  if (!scrubbed) report_.gtid = pipeline_->transaction().gtid;
  if (scrubbed && writer_->in_transaction()) {
    scrubbed = base::fail(Error(ErrorKind::malformed, "the last file ends inside a transaction, which is left out")
                              .about(report_.file)
                              .at(report_.transaction_start));
  }
  const RelayStatus::Snapshot status = status_.get();
  report_.transactions = status.transactions;
  report_.scrub = scrubber_->counters();
  RELAY_TRY(pipeline_->abandon());
  RELAY_TRY(writer_->flush());
  if (scrubbed) report_.file.clear();
  return scrubbed;
}

Result<OfflineScrub::Start> OfflineScrub::read_start(const std::string& path) const {
  Start start;
  start.file.name = name_of(path);
  RELAY_ASSIGN(CheckedFile file, CheckedFile::open(files_, path));
  RELAY_ASSIGN(std::optional<EventView> event, file.next());
  if (!event || event->type() != EventType::format_description) {
    return base::fail(Error(ErrorKind::malformed, "the file does not begin with a format description").about(path));
  }
  RELAY_ASSIGN(const auto format, binlog::FormatDescription::parse(event->bytes()));
  start.file.server_version = format.server_version;
  start.flavor = format.flavor();
  start.version_number = format.version_number();
  start.server_id = event->header().server_id;
  while (event && opens_file(event->type())) {
    if (event->type() != EventType::format_description) {
      RELAY_ASSIGN(start.gtids_before, gtids_of(*event));
    }
    RELAY_ASSIGN(event, file.next());
  }
  start.file.gtids_before = start.gtids_before;
  if (start.flavor == binlog::Flavor::mariadb) start.file.source_id = spool::mariadb_source_id(start.server_id);
  return start;
}

Result<void> OfflineScrub::prepare(const Start& start) {
  RELAY_ASSIGN(const bool used, files_.exists(request_.output + "/spool.index"));
  if (used) {
    return base::fail(Error(ErrorKind::configuration, "the output folder holds a spool already")
                          .about(request_.output)
                          .remedy("give an empty folder"));
  }
  const std::uint32_t own_id = configuration_.replicas.server_id;
  RELAY_ASSIGN(writer_, spool::SpoolWriter::open(files_, request_.output, {spool::SyncPolicy::When::never, {}},
                                                 own_id != 0 ? own_id : start.server_id, index_, tail_));
  RELAY_ASSIGN(KnownSchema schema, find_schema(start));
  RELAY_ASSIGN(history_,
               scrub_rules::SchemaHistory::open(files_, request_.output + "/schema.history", {}, request_.fold_case));
  RELAY_TRY(set_schema(std::move(schema)));
  egress_.guard(*writer_, rules_, *history_, start.flavor, request_.fold_case);
  scrub_rules::ScrubberSettings settings;
  settings.flavor = start.flavor;
  settings.fold_case = request_.fold_case;
  settings.made = egress_.made();
  RELAY_ASSIGN(const base::Secret key, find_xa_key());
  settings.xa_key = key.reveal();
  scrubber_ = std::make_unique<scrub_rules::EventScrubber>(rules_, *history_, settings);
  const Pipeline::FileFacts facts{
      {"files", start.flavor}, start.file.server_version, rules_.digest(), start.gtids_before, {}};
  pipeline_ =
      std::make_unique<Pipeline>(Pipeline::Parts{*scrubber_, *history_, *writer_, status_}, facts, std::string(), 0);
  return {};
}

// The relay's own where it has one, so that the names are those of its stream.
Result<base::Secret> OfflineScrub::find_xa_key() {
  const std::string& spool = configuration_.spool.directory;
  bool there = false;
  if (!spool.empty()) {
    RELAY_ASSIGN(there, files_.exists(spool + "/xa.key"));
  }
  return xa_key(files_, there ? spool : request_.output);
}

// Of a schema that may tell of more, what leaves.
Result<void> OfflineScrub::set_schema(KnownSchema schema) {
  scrub_rules::Lineage lineage(request_.fold_case);
  for (const scrub_rules::LineageChange& change : schema.lineage) lineage.put(change.name, change.origin);
  const scrub_rules::RuleView rules(rules_, request_.fold_case, &lineage);
  std::erase_if(schema.tables, [&rules](const sql::TableDefinition& table) {
    return !rules.table_leaves({table.database, table.table});
  });
  scrub_rules::resolve_key_origins(schema.tables, request_.fold_case);
  std::ranges::move(scrub_rules::take_out_empty_copies(rules, schema.tables), std::back_inserter(schema.lineage));
  scrub_rules::forget_stripped_members(rules, schema.tables);
  return history_->set_baseline({}, std::move(schema.tables), std::move(schema.database_character_sets),
                                std::move(schema.lineage));
}

Result<KnownSchema> OfflineScrub::find_schema(const Start& start) {
  if (!request_.schema_file.empty()) {
    RELAY_ASSIGN(const std::string text, base::read_file(files_, request_.schema_file, kMaximumSchema));
    sql::SqlContext context;
    context.dialect = start.flavor == binlog::Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
    context.server_version = start.version_number;
    context.client_collation = kUtf8mb4;
    context.lower_case_table_names = request_.fold_case;
    report_.schema = request_.schema_file;
    return read_schema_text(text, request_.schema_file, std::move(context));
  }
  const std::string& spool = configuration_.spool.directory;
  if (spool.empty()) return KnownSchema{};
  RELAY_ASSIGN(std::optional<KnownSchema> known, schema_of_relay(files_, spool, start.file));
  if (!known) return KnownSchema{};
  report_.schema = spool + "/schema.history";
  return std::move(*known);
}

Result<void> OfflineScrub::scrub_file(const std::string& path, const Done& done) {
  const std::string name = name_of(path);
  RELAY_ASSIGN(CheckedFile file, CheckedFile::open(files_, path));
  std::uint64_t end = 0;
  while (true) {
    RELAY_ASSIGN(const std::optional<EventView> event, file.next());
    if (!event) break;
    end = file.event_offset() + event->bytes().size();
    if (!writer_->in_transaction()) report_.transaction_start = file.event_offset();
    RELAY_TRY(check_follows(*event, path));
    Result<void> processed = pipeline_->process(*event, name, end);
    if (!processed) {
      Error error = std::move(processed).error();
      if (!error.offset()) error.at(file.event_offset());
      return base::fail(std::move(error));
    }
    done(bytes_before_ + end);
  }
  bytes_before_ += end;
  return {};
}

// The GTIDs before a file are those of the files that were read before it, or one is missing.
Result<void> OfflineScrub::check_follows(const EventView& event, const std::string& path) const {
  if (event.type() != EventType::previous_gtids) return {};
  RELAY_ASSIGN(const spool::GtidState before, gtids_of(event));
  if (before.mysql == writer_->gtids().mysql) return {};
  return base::fail(
      Error(ErrorKind::configuration, "the file does not follow the one before it: the GTIDs between are missing")
          .about(path)
          .remedy("give all files of one server, in order"));
}

}  // namespace relay::app
