#include "tests/app/pipeline_tester.h"

#include <catch2/catch.hpp>

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_maker.h"
#include "relay/binlog/query_event.h"
#include "tests/spool/event_samples.h"

namespace relay::app::testing {

namespace {

using base::ByteView;
using base::Result;
using binlog::EventType;
using binlog::Flavor;

constexpr std::size_t kRowBytes = 100;
constexpr std::uint8_t kFutureType = 99;

std::string event_bytes(const binlog::EventDraft& draft, std::uint64_t start) {
  binlog::EventHeader header = draft.header;
  header.event_size = static_cast<std::uint32_t>(binlog::kEventHeaderSize + draft.body_size());
  header.next_position = static_cast<std::uint32_t>(start + header.event_size);
  std::string bytes(binlog::kEventHeaderSize, '\0');
  binlog::encode_event_header(header, reinterpret_cast<std::uint8_t*>(bytes.data()));
  for (const ByteView slice : draft.body) bytes += slice.text();
  return bytes;
}

relay::testing::OwnedDraft query(std::string_view statement) {
  binlog::QueryEvent event;
  event.database = "d";
  event.statement = ByteView::of(statement);
  base::Buffer body;
  binlog::encode_query_body(event, body);
  return {EventType::query, std::string(body.view().text())};
}

sql::TableDefinition table_of_samples() {
  sql::TableDefinition table;
  table.database = "d";
  table.table = "t";
  sql::ColumnDefinition& column = table.columns.emplace_back();
  column.name = "c";
  column.type = "longblob";
  return table;
}

}  // namespace

PipelineTester::PipelineTester(std::string log, Flavor flavor, spool::SyncPolicy policy)
    : flavor_(flavor),
      policy_(policy),
      format_(relay::testing::golden_format(flavor == Flavor::mysql ? "my97-compressed" : "ma1011-compress")) {
  base::Problems problems;
  rules_ = scrub_rules::RuleSet::parse("[[table]]\nname = \"d.*\"\noptional = true\ncolumn_default = \"keep\"\n",
                                       "rules.toml", problems);
  REQUIRE_FALSE(base::has_errors(problems));
  format_.checksum = binlog::ChecksumAlgorithm::none;
  std::uint64_t number = 0;
  std::size_t file_number = 0;
  for (const char letter : log) {
    if (letter != 'F') {
      if (letter != 'r') ++number;
      add_transaction(letter, number);
      continue;
    }
    file_ = "binlog." + std::to_string(++file_number);
    offset_ = 4;
    base::Buffer bytes;
    binlog::EventMaker(7, binlog::ChecksumAlgorithm::none).format_description(format_, 1700000000, 1, bytes);
    add(std::string(bytes.view().text()));
  }
}

void PipelineTester::add(const std::string& bytes) {
  events_.push_back({bytes, file_, offset_});
  offset_ += bytes.size();
}

void PipelineTester::add_transaction(char letter, std::uint64_t number) {
  const bool mysql = flavor_ == Flavor::mysql;
  std::vector<relay::testing::OwnedDraft> drafts = mysql ? relay::testing::mysql_transaction(number, kRowBytes)
                                                         : relay::testing::mariadb_transaction(number, kRowBytes);
  if (letter == 's') drafts.insert(drafts.end() - 1, query(kStatement));
  if (letter == 'u') drafts.insert(drafts.end() - 1, {static_cast<EventType>(kFutureType), "from the future"});
  if (letter == 'a') {
    drafts.erase(drafts.begin() + 1, drafts.end());
    drafts.push_back(query("ALTER TABLE d.t UNHEARD OF"));
  }
  for (const auto& draft : drafts) {
    std::string bytes = event_bytes(draft.draft(), offset_);
    // In MariaDB a statement that stands alone has a GTID that says so.
    constexpr std::size_t kFlags = binlog::kEventHeaderSize + 12;
    if (!mysql && letter == 'a' && &draft == &drafts.front()) bytes[kFlags] = 0x21;
    add(bytes);
  }
}

Result<void> PipelineTester::open() {
  index_ = std::make_unique<spool::SpoolIndex>(files, kDirectory);
  tail_ = std::make_unique<spool::PublishedTail>();
  RELAY_ASSIGN(writer_, spool::SpoolWriter::open(files, kDirectory, policy_, 9001, *index_, *tail_));
  const auto& resume = writer_->resume_point();
  const scrub_rules::HistoryPosition at{writer_->position().file, resume ? resume->position.offset : 0};
  RELAY_ASSIGN(history_, scrub_rules::SchemaHistory::open(files, std::string(kDirectory) + "/schema.history", at, false,
                                                          resume ? std::optional(resume->schema_mark) : std::nullopt));
  if (!history_->has_baseline()) {
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table_of_samples());
    RELAY_TRY(history_->set_baseline({}, std::move(tables), {}));
  }
  RELAY_ASSIGN(record_, spool::AuditRecord::open(files, kDirectory));
  audit_.emplace(*record_);
  counts_.emplace(*audit_);
  RELAY_TRY(audit_->started({"test", "relay.toml", rules_.digest(), tail_->get()}, files, *index_));
  const scrub_rules::ScrubberSettings settings{flavor_, false};
  scrubber_ = std::make_unique<scrub_rules::EventScrubber>(rules_, *history_, settings);
  scrubber_->count_into(counts_->tally());
  passed_ = std::make_unique<scrub_rules::PassedTransaction>(rules_, *history_, settings);
  const spool::SourceIdentity identity{"the source", flavor_};
  pipeline_ = std::make_unique<Pipeline>(
      Pipeline::Parts{*scrubber_, *history_, *writer_, status_, passed_.get(), &*audit_, &*counts_},
      Pipeline::FileFacts{identity, "test", rules_.digest(), {}, {}}, resume ? resume->position.file : std::string(),
      writer_->position().file);
  RELAY_ASSIGN(auto resolution, read_resolution(files, kDirectory));
  pipeline_->set_resolution(std::move(resolution));
  return {};
}

void PipelineTester::close() {
  pipeline_.reset();
  counts_.reset();
  audit_.reset();
  record_.reset();
  passed_.reset();
  scrubber_.reset();
  history_.reset();
  writer_.reset();
}

Result<void> PipelineTester::play() {
  const auto resume = writer_->resume_point();
  bool in_file = false;
  for (const Event& event : events_) {
    const bool format = event.bytes[4] == static_cast<char>(EventType::format_description);
    if (!resume || event.file == resume->position.file) in_file = true;
    if (!in_file) continue;
    const bool passed = resume && event.file == resume->position.file && event.start < resume->position.offset;
    if (!passed || format) RELAY_TRY(process(event));
  }
  return writer_->flush();
}

Result<void> PipelineTester::process(const Event& event) {
  RELAY_ASSIGN(const auto view, binlog::EventView::parse(ByteView::of(event.bytes), binlog::ChecksumAlgorithm::none));
  RELAY_TRY(pipeline_->process(view, event.file, event.start + event.bytes.size()));
  // As the source loop does.
  if (pipeline_->has_resolved()) RELAY_TRY(remove_resolution(files, kDirectory));
  return {};
}

std::vector<std::uint64_t> PipelineTester::replica() {
  return relay::testing::replicated_numbers(files, *index_, *tail_, leases_);
}

std::string PipelineTester::statements() {
  std::string text;
  spool::SpoolReader reader(files, *index_, *tail_, leases_);
  REQUIRE(reader.seek({index_->first()->number, 4}));
  for (auto event = reader.next(); event && *event; event = reader.next()) {
    if ((*event)->type() != EventType::query) continue;
    const auto parsed = binlog::QueryEvent::parse((*event)->whole->body());
    REQUIRE(parsed);
    text += std::string(text.empty() ? "" : "|") + std::string(parsed->statement.text());
  }
  return text;
}

std::uint64_t PipelineTester::audit_entries(const std::string& kind) {
  const auto file = files.open(std::string(kDirectory) + spool::kAuditLogName, base::OpenMode::read);
  REQUIRE(file);
  std::uint64_t count = 0;
  REQUIRE(spool::for_each_audit_line(**file, 0, [&](std::string_view line, std::uint64_t) {
    if (line.find("\"kind\":\"" + kind + "\"") != std::string_view::npos) ++count;
    return Result<void>();
  }));
  return count;
}

}  // namespace relay::app::testing
