#include "scrub_rules/history_lines.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "relay/base/crc32.h"
#include "relay/base/json_number.h"
#include "scrub_rules/definition_json.h"

namespace relay::scrub_rules {

namespace {

using Json = nlohmann::json;
using LineKind = HistoryLine::Kind;

constexpr std::size_t kReadSize = std::size_t{1} << 20;
constexpr std::size_t kWriteSize = std::size_t{4} << 20;
constexpr std::size_t kMaximumLine = std::size_t{256} << 20;
constexpr std::size_t kCrcDigits = 8;

std::string crc_text(std::string_view text) { return fmt::format("{:08x}", base::crc32(base::ByteView::of(text))); }

// Throws where the text is not UTF-8.
std::string checked_line(const Json& object) {
  std::string line = object.dump();
  line += " " + crc_text(line) + "\n";
  return line;
}

Json encode_position(const HistoryPosition& position) {
  return Json::array({position.spool_file, position.source_end});
}

HistoryPosition decode_position(const Json& from) {
  return {base::whole_number<std::uint32_t>(from.at(0)), base::whole_number<std::uint64_t>(from.at(1))};
}

Json encode_databases(const HistoryRecord& record) {
  Json list = Json::array();
  for (const HistoryRecord::Database& database : record.databases) {
    const auto& [character_set, collation] = database.character_set_and_collation;
    list.push_back(Json::array({database.name, character_set, collation}));
  }
  return list;
}

void decode_databases(const Json& from, HistoryRecord& record) {
  for (const Json& item : from.get_ref<const Json::array_t&>()) {
    record.databases.push_back(
        {item.at(0).get<std::string>(), {item.at(1).get<std::string>(), item.at(2).get<std::string>()}});
  }
}

void encode_lineage(const HistoryRecord& record, Json& into) {
  if (record.lineage.empty()) return;
  Json list = Json::array();
  for (const LineageChange& change : record.lineage) {
    Json origin;
    if (change.origin) origin = Json::array();
    if (change.origin && change.origin->rules_of) {
      origin = Json::array({change.origin->rules_of->database, change.origin->rules_of->table});
    }
    list.push_back(Json::array({change.name.database, change.name.table, std::move(origin)}));
  }
  into["lineage"] = std::move(list);
}

void decode_lineage(const Json& from, HistoryRecord& record) {
  const auto found = from.find("lineage");
  if (found == from.end()) return;
  for (const Json& item : found->get_ref<const Json::array_t&>()) {
    LineageChange change{{item.at(0).get<std::string>(), item.at(1).get<std::string>()}, std::nullopt, false};
    const Json& origin = item.at(2);
    if (!origin.is_null()) change.origin = Origin{};
    if (!origin.empty()) {
      change.origin->rules_of = sql::TableName{origin.at(0).get<std::string>(), origin.at(1).get<std::string>()};
    }
    record.lineage.push_back(std::move(change));
  }
}

void encode_plain(const HistoryRecord& record, Json& into) {
  if (record.plain.empty()) return;
  Json list = Json::array();
  for (const PlainChange& change : record.plain) {
    list.push_back(Json::array({change.name.database, change.name.table, change.plain}));
  }
  into["plain"] = std::move(list);
}

void decode_plain(const Json& from, HistoryRecord& record) {
  const auto found = from.find("plain");
  if (found == from.end()) return;
  for (const Json& item : found->get_ref<const Json::array_t&>()) {
    record.plain.push_back({{item.at(0).get<std::string>(), item.at(1).get<std::string>()}, item.at(2).get<bool>()});
  }
}

void encode_empty_xa(const HistoryRecord& record, Json& into) {
  if (record.empty_xa.empty()) return;
  Json list = Json::array();
  for (const HistoryRecord::EmptyXa& change : record.empty_xa) list.push_back(Json::array({change.id, change.empty}));
  into["empty_xa"] = std::move(list);
}

void decode_empty_xa(const Json& from, HistoryRecord& record) {
  const auto found = from.find("empty_xa");
  if (found == from.end()) return;
  for (const Json& item : found->get_ref<const Json::array_t&>()) {
    record.empty_xa.push_back({item.at(0).get<std::string>(), item.at(1).get<bool>()});
  }
}

std::optional<HistoryLine> decode_change(const Json& from) {
  HistoryLine line{LineKind::change, 0, 0, {}};
  line.record.position = decode_position(from.at("change"));
  decode_databases(from.at("databases"), line.record);
  decode_lineage(from, line.record);
  decode_plain(from, line.record);
  decode_empty_xa(from, line.record);
  for (const Json& item : from.at("tables").get_ref<const Json::array_t&>()) {
    HistoryRecord::Table table{{item.at(0).get<std::string>(), item.at(1).get<std::string>()}, std::nullopt};
    if (!item.at(2).is_null()) table.definition = definition_from_json(item.at(2));
    // What is kept by the one would be sought by the other.
    if (table.definition && table.definition->name() != table.name) return std::nullopt;
    line.record.tables.push_back(std::move(table));
  }
  return line;
}

HistoryLine decode_baseline(const Json& from) {
  HistoryLine line{LineKind::baseline, base::whole_number<std::uint64_t>(from.at("tables")), 0, {}};
  line.record.baseline = true;
  line.record.position = decode_position(from.at("baseline"));
  decode_databases(from.at("databases"), line.record);
  decode_lineage(from, line.record);
  decode_plain(from, line.record);
  decode_empty_xa(from, line.record);
  return line;
}

HistoryLine decode_table(const Json& from) {
  HistoryLine line{LineKind::table, 0, 0, {}};
  sql::TableDefinition definition = definition_from_json(from.at("table"));
  sql::TableName name{definition.database, definition.table};
  line.record.tables.push_back({std::move(name), std::move(definition)});
  return line;
}

std::optional<HistoryLine> decode(const Json& from) {
  if (from.contains("change")) return decode_change(from);
  if (from.contains("table")) return decode_table(from);
  if (from.contains("baseline")) return decode_baseline(from);
  if (from.contains("baseline_end")) {
    return HistoryLine{LineKind::baseline_end,
                       base::whole_number<std::uint64_t>(from.at("baseline_end")),
                       base::whole_number<std::uint32_t>(from.at("mark")),
                       {}};
  }
  return HistoryLine{LineKind::header, base::whole_number<std::uint64_t>(from.at("schema_history")), 0, {}};
}

}  // namespace

std::string history_header_line() { return checked_line({{"schema_history", kHistoryFormat}}); }

std::optional<std::string> history_change_line(const HistoryRecord& change) {
  try {
    Json tables = Json::array();
    for (const HistoryRecord::Table& table : change.tables) {
      tables.push_back(Json::array(
          {table.name.database, table.name.table, table.definition ? definition_to_json(*table.definition) : Json()}));
    }
    Json line{{"change", encode_position(change.position)},
              {"databases", encode_databases(change)},
              {"tables", std::move(tables)}};
    encode_lineage(change, line);
    encode_plain(change, line);
    encode_empty_xa(change, line);
    return checked_line(line);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::uint32_t history_mark(std::string_view change_line, std::uint32_t mark) {
  return base::crc32(base::ByteView::of(change_line), mark);
}

base::Result<std::optional<std::uint32_t>> history_baseline_lines(
    const HistoryRecord& baseline, std::optional<std::uint32_t> mark,
    const std::function<base::Result<void>(const std::string&)>& write) {
  std::uint32_t sum = 0;
  try {
    Json head{{"baseline", encode_position(baseline.position)},
              {"databases", encode_databases(baseline)},
              {"tables", baseline.tables.size()}};
    encode_lineage(baseline, head);
    encode_plain(baseline, head);
    encode_empty_xa(baseline, head);
    std::string text = checked_line(head);
    for (const HistoryRecord::Table& table : baseline.tables) {
      text += checked_line({{"table", definition_to_json(table.definition.value())}});
      if (text.size() < kWriteSize) continue;
      sum = base::crc32(base::ByteView::of(text), sum);
      RELAY_TRY(write(text));
      text.clear();
    }
    if (!mark) mark = base::crc32(base::ByteView::of(text), sum);
    text += checked_line({{"baseline_end", baseline.tables.size()}, {"mark", *mark}});
    RELAY_TRY(write(text));
    return mark;
  } catch (const Json::exception&) {
    return std::optional<std::uint32_t>();
  }
}

std::optional<HistoryLine> parse_history_line(std::string_view line) {
  if (line.size() < kCrcDigits + 1) return std::nullopt;
  const std::string_view text = line.substr(0, line.size() - kCrcDigits - 1);
  if (line[text.size()] != ' ' || line.substr(text.size() + 1) != crc_text(text)) return std::nullopt;
  try {
    return decode(Json::parse(text));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

base::Result<std::optional<LineReader::Line>> LineReader::next() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t held = filled_ - start_;
    const char* from = block_.data() + start_;
    const void* newline = held > searched ? std::memchr(from + searched, '\n', held - searched) : nullptr;
    if (newline != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(newline) - from);
      start_ += length + 1;
      consumed_ += length + 1;
      return Line{{from, length}, true, consumed_};
    }
    searched = held;
    if (held > kMaximumLine) return base::fail(base::ErrorKind::malformed, "a line of the schema history is too long");
    if (start_ != 0) std::memmove(block_.data(), block_.data() + start_, held);
    start_ = 0;
    filled_ = held;
    if (block_.size() < held + kReadSize) block_.resize(std::max(held + kReadSize, 2 * held));
    auto* into = reinterpret_cast<std::uint8_t*>(block_.data() + filled_);
    RELAY_ASSIGN(const std::size_t count, file_.read_at(read_, into, block_.size() - filled_));
    read_ += count;
    filled_ += count;
    if (count != 0) continue;
    if (held == 0) return std::nullopt;
    start_ = filled_;
    consumed_ += held;
    return Line{{block_.data(), held}, false, consumed_};
  }
}

}  // namespace relay::scrub_rules
