#include "tests/scrub_rules/stream_tester.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "relay/binlog/container.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"

namespace relay::scrub_rules::testing {

namespace {

using base::ByteView;
using binlog::EventHandling;
using binlog::EventType;
using binlog::EventView;

constexpr std::size_t kMaximumEvent = std::size_t{64} << 20;

bool is_control(EventType type) {
  const binlog::EventTypeInfo* info = binlog::find_event_type(static_cast<std::uint8_t>(type));
  return info != nullptr && info->handling == EventHandling::control;
}

std::string short_name(const PlainEvent& event) {
  switch (event.type()) {
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
    case EventType::mariadb_gtid:
      return "GTID";
    case EventType::query:
      return "QUERY(" + statement_of(event) + ")";
    case EventType::table_map:
      return "MAP";
    case EventType::xid:
      return "XID";
    case EventType::xa_prepare:
      return "PREPARE";
    default:
      break;
  }
  const bool end = event.body.size() > 6 && (event.body[6] & 1) != 0;
  const bool dummy = event.body.starts_with("\xff\xff\xff\xff\xff\xff");
  return std::string(dummy ? "DUMMY" : "ROWS") + (end ? "!" : "");
}

}  // namespace

std::string PlainEvent::bytes() const {
  binlog::EventHeader whole = header;
  whole.event_size = static_cast<std::uint32_t>(binlog::kEventHeaderSize + body.size());
  std::string text(binlog::kEventHeaderSize, '\0');
  binlog::encode_event_header(whole, reinterpret_cast<std::uint8_t*>(text.data()));
  return text + body;
}

PlainEvent make_event(EventType type, std::string body, std::uint16_t flags) {
  PlainEvent event;
  event.header.timestamp = 1700000000;
  event.header.type_code = static_cast<std::uint8_t>(type);
  event.header.server_id = 7;
  event.header.next_position = 1000;
  event.header.flags = flags;
  event.body = std::move(body);
  return event;
}

PlainEvent make_query(std::string_view statement, std::string_view database) {
  binlog::QueryEvent query;
  query.thread_id = 5;
  query.database = database;
  query.statement = ByteView::of(statement);
  base::Buffer body;
  binlog::encode_query_body(query, body);
  return make_event(EventType::query, std::string(body.view().text()));
}

std::string statement_of(const PlainEvent& query) {
  const auto parsed = binlog::QueryEvent::parse(ByteView::of(query.body));
  REQUIRE(parsed);
  return std::string(parsed->statement.text());
}

std::vector<PlainEvent> golden_events(const std::string& name) {
  std::ifstream file(std::string(RELAY_GOLDEN_DIRECTORY) + "/" + name, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  REQUIRE(
      content.starts_with("\xfe"
                          "bin"));
  std::vector<PlainEvent> events;
  for (std::size_t at = 4; at + binlog::kEventHeaderSize <= content.size();) {
    PlainEvent event;
    event.header = binlog::decode_event_header(ByteView::of(content).sub(at));
    const bool format = event.type() == EventType::format_description;
    const std::size_t size = event.header.event_size - binlog::kEventHeaderSize - (format ? 0 : binlog::kChecksumSize);
    event.body = content.substr(at + binlog::kEventHeaderSize, size);
    events.push_back(event);
    at += event.header.event_size;
  }
  return events;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(RELAY_GOLDEN_DIRECTORY)) {
    if (entry.path().extension() == ".binlog") names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  REQUIRE(names.size() >= 41);
  return names;
}

StreamTester::StreamTester(const std::string& rules, binlog::Flavor flavor, bool fold_case) {
  base::Problems problems;
  rules_ = RuleSet::parse(rules, "rules.toml", problems);
  REQUIRE_FALSE(base::has_errors(problems));
  auto history = SchemaHistory::open(files_, "spool/history", {}, fold_case);
  REQUIRE(history);
  history_ = std::move(*history);
  REQUIRE(history_->set_baseline({}, {}, {}));
  scrubber_ = std::make_unique<EventScrubber>(rules_, *history_, ScrubberSettings{flavor, fold_case});
  source_.set_initial_checksum(binlog::ChecksumAlgorithm::none);
  replica_.set_initial_checksum(binlog::ChecksumAlgorithm::none);
}

void StreamTester::start_like(const std::string& golden) { REQUIRE_FALSE(feed(golden_events(golden).front())); }

std::optional<base::Error> StreamTester::feed(const std::vector<PlainEvent>& events) {
  for (const PlainEvent& event : events) {
    if (std::optional<base::Error> error = feed(event)) return error;
  }
  return std::nullopt;
}

std::optional<base::Error> StreamTester::feed(const PlainEvent& event) {
  const std::string bytes = event.bytes();
  const base::Result<EventView> view = EventView::parse(ByteView::of(bytes), binlog::ChecksumAlgorithm::none);
  REQUIRE(view);
  const base::Result<void> taken = take(*view);
  if (taken) return std::nullopt;
  return taken.error();
}

base::Result<void> StreamTester::take(const EventView& event) {
  ++position_;
  const binlog::EventTypeInfo* info = binlog::find_event_type(event.header().type_code);
  if (event.type() == EventType::transaction_payload) {
    RELAY_TRY(source_.advance(event));
    return binlog::for_each_payload_event(event.body(), kMaximumEvent,
                                          [this](const EventView& inner) { return take_inner(inner); });
  }
  if (info != nullptr && info->handling == EventHandling::container) {
    base::Buffer opened;
    RELAY_ASSIGN(const EventView plain, binlog::open_compressed_event(event, kMaximumEvent, opened));
    return take_inner(plain);
  }
  return take_inner(event);
}

base::Result<void> StreamTester::take_inner(const EventView& event) {
  RELAY_ASSIGN(const binlog::StreamState::Step step, source_.advance(event));
  if (is_control(event.type())) {
    if (event.type() != EventType::format_description) return {};
    scrubber_->start_file();
    REQUIRE(replica_.advance(event));
    return {};
  }
  RELAY_ASSIGN(const Scrubbed scrubbed, scrubber_->scrub(event, step, source_));
  REQUIRE((scrubbed.verdict == Verdict::drop) == scrubbed.drafts.empty());
  for (const binlog::EventDraft& draft : scrubbed.drafts) RELAY_TRY(write(draft));
  if (step.ends_transaction) {
    RELAY_TRY(history_->commit({1, position_}));
    REQUIRE(replica_.place() == binlog::StreamState::Place::between_transactions);
  }
  return {};
}

base::Result<void> StreamTester::write(const binlog::EventDraft& draft) {
  PlainEvent event;
  event.header = draft.header;
  for (const ByteView slice : draft.body) event.body += slice.text();
  REQUIRE(event.body.size() == draft.body_size());
  const std::string bytes = event.bytes();
  const base::Result<EventView> view = EventView::parse(ByteView::of(bytes), binlog::ChecksumAlgorithm::none);
  REQUIRE(view);
  const base::Result<binlog::StreamState::Step> step = replica_.advance(*view);
  INFO((step ? "" : step.error().message()));
  REQUIRE(step);
  written_.push_back(std::move(event));
  return {};
}

std::string StreamTester::written_text() const {
  std::string text;
  for (const PlainEvent& event : written_) text += event.body;
  return text;
}

std::string StreamTester::summary() const {
  std::string text;
  for (const PlainEvent& event : written_) text += (text.empty() ? "" : " ") + short_name(event);
  return text;
}

std::vector<DecodedRows> decode_rows(const std::vector<PlainEvent>& events, binlog::Flavor flavor) {
  struct Known {
    std::string table;
    std::vector<std::string> names;
    std::vector<ModelColumn> columns;
  };
  std::map<std::uint64_t, Known> known;
  std::vector<DecodedRows> all;
  for (const PlainEvent& event : events) {
    if (event.type() == EventType::table_map) {
      binlog::TableMap map;
      if (!binlog::TableMap::parse(ByteView::of(event.body), map)) throw std::runtime_error("table map");
      Known table{std::string(map.database) + "." + std::string(map.table), {}, {}};
      for (const binlog::ColumnType& type : map.columns) {
        const base::Result<binlog::CellShape> shape = binlog::cell_shape(type);
        if (!shape) throw std::runtime_error("column type");
        table.columns.push_back({type.wire_code, "", shape->prefix, shape->fixed, true});
      }
      const auto metadata = binlog::OptionalMetadata::parse(map, flavor);
      if (!metadata) throw std::runtime_error("optional metadata");
      for (const std::string_view name : metadata->names) table.names.emplace_back(name);
      known[map.table_id] = std::move(table);
    }
    const auto code = static_cast<std::uint8_t>(event.type());
    const bool rows = (code >= 23 && code <= 25) || (code >= 30 && code <= 32) || code == 39;
    if (!rows || event.body.starts_with("\xff\xff\xff\xff\xff\xff")) continue;
    const auto parsed = binlog::RowsEvent::parse(event.type(), ByteView::of(event.body));
    if (!parsed) throw std::runtime_error("rows");
    const auto found = known.find(parsed->table_id);
    if (found == known.end()) throw std::runtime_error("rows without a table map");
    ModelEvent decoded = decode_event(event.type(), event.body, found->second.columns);
    all.push_back({found->second.table, found->second.names, std::move(decoded)});
  }
  return all;
}

}  // namespace relay::scrub_rules::testing
