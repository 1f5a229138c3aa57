#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "relay/base/buffer.h"
#include "relay/base/crc32.h"
#include "relay/spool/spool_index.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;
using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 2;

std::string line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    bytes.push_back(byte);
  }
  return bytes;
}

Json encode_entry(const SpoolFileEntry& entry) {
  const bool mysql = entry.source.flavor == binlog::Flavor::mysql;
  Json value{{"file", entry.number},
             {"created", entry.created},
             {"source", entry.source.id},
             {"flavor", mysql ? "mysql" : "mariadb"},
             {"source_version", entry.source_version},
             {"source_file", entry.source_start.file},
             {"source_offset", entry.source_start.offset},
             {"rules", entry.rules_digest},
             {"schema", entry.schema_mark}};
  for (const RulesChange& change : entry.rules_changes) {
    value["rules_changes"].push_back({{"offset", change.offset}, {"rules", change.digest}, {"time", change.time}});
  }
  if (mysql) {
    value["gtids_before"] = entry.gtids_before.mysql.text();
  } else {
    // A list knows more than a position (every server of a domain): kept whole as the body of a GTID_LIST event.
    base::Buffer body;
    entry.gtids_before.mariadb.encode_event(body);
    value["gtids_before"] = entry.gtids_before.mariadb.position_text();
    value["gtid_list"] = hex(body.view());
  }
  return value;
}

// Takes members out of one line; the first that is missing or of another type makes it fail for good.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object), ok_(object.is_object()) {}
  std::uint64_t number(const char* key, std::uint64_t maximum) {
    const Json* value = member(key);
    if (value == nullptr || !value->is_number_unsigned() || value->get<std::uint64_t>() > maximum) return fail_number();
    return value->get<std::uint64_t>();
  }
  std::string text(const char* key) {
    const Json* value = member(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    ok_ = false;
    return {};
  }
  void fail() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const Json* member(const char* key) {
    if (!ok_) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  std::uint64_t fail_number() {
    ok_ = false;
    return 0;
  }
  const Json& object_;
  bool ok_;
};

void decode_gtids(Fields& fields, SpoolFileEntry& entry) {
  if (entry.source.flavor == binlog::Flavor::mysql) {
    auto set = binlog::MysqlGtidSet::parse_text(fields.text("gtids_before"));
    if (!set) return fields.fail();
    entry.gtids_before.mysql = std::move(*set);
    return;
  }
  const auto body = parse_hex(fields.text("gtid_list"));
  if (!body) return fields.fail();
  auto list = binlog::MariadbGtidList::parse_event(ByteView(body->data(), body->size()));
  if (!list) return fields.fail();
  entry.gtids_before.mariadb = std::move(*list);
}

void decode_rules_changes(Fields& fields, const Json& value, SpoolFileEntry& entry) {
  const auto found = value.find("rules_changes");
  if (found == value.end()) return;
  if (!found->is_array()) return fields.fail();
  for (const Json& item : *found) {
    Fields change(item);
    entry.rules_changes.push_back(
        {change.number("offset", std::numeric_limits<std::uint64_t>::max()), change.text("rules"),
         static_cast<std::uint32_t>(change.number("time", std::numeric_limits<std::uint32_t>::max()))});
    if (!change.ok()) return fields.fail();
  }
}

std::optional<SpoolFileEntry> decode_entry(const Json& value) {
  constexpr std::uint64_t kMaximum32 = std::numeric_limits<std::uint32_t>::max();
  Fields fields(value);
  SpoolFileEntry entry;
  entry.number = static_cast<std::uint32_t>(fields.number("file", kMaximum32));
  entry.created = static_cast<std::uint32_t>(fields.number("created", kMaximum32));
  entry.source.id = fields.text("source");
  const std::string flavor = fields.text("flavor");
  if (flavor != "mysql" && flavor != "mariadb") fields.fail();
  entry.source.flavor = flavor == "mysql" ? binlog::Flavor::mysql : binlog::Flavor::mariadb;
  entry.source_version = fields.text("source_version");
  entry.source_start.file = fields.text("source_file");
  entry.source_start.offset = fields.number("source_offset", std::numeric_limits<std::uint64_t>::max());
  entry.rules_digest = fields.text("rules");
  entry.schema_mark = static_cast<std::uint32_t>(fields.number("schema", kMaximum32));
  if (fields.ok()) decode_rules_changes(fields, value, entry);
  decode_gtids(fields, entry);
  if (!fields.ok() || entry.number == 0) return std::nullopt;
  return entry;
}

tl::unexpected<Error> broken(std::uint64_t line_number) {
  return base::fail(Error(ErrorKind::malformed, "the spool index is damaged at this line")
                        .about(fmt::format("line {}", line_number))
                        .remedy("restore spool.index from a backup, or move the spool away to start a new one"));
}

}  // namespace

std::string encode_index(const std::vector<SpoolFileEntry>& entries) {
  std::string text = line({{"binlog_relay_spool_index", kVersion}});
  for (const SpoolFileEntry& entry : entries) text += line(encode_entry(entry));
  const std::uint32_t crc = base::crc32(ByteView::of(text));
  return text + line({{"files", entries.size()}, {"crc32", crc}});
}

Result<std::vector<SpoolFileEntry>> decode_index(std::string_view text) {
  std::vector<SpoolFileEntry> entries;
  std::size_t start = 0;
  for (std::uint64_t number = 1; start < text.size(); ++number) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos) return broken(number);
    const Json value = Json::parse(text.substr(start, end - start), nullptr, false);
    Fields fields(value);
    if (number == 1) {
      if (fields.number("binlog_relay_spool_index", kVersion) != kVersion) return broken(number);
    } else if (value.is_object() && value.contains("crc32")) {
      const std::uint64_t crc = fields.number("crc32", std::numeric_limits<std::uint32_t>::max());
      const std::uint64_t count = fields.number("files", entries.size());
      const bool whole = fields.ok() && count == entries.size() && end + 1 == text.size() &&
                         crc == base::crc32(ByteView::of(text.substr(0, start)));
      if (!whole) return broken(number);
      return entries;
    } else {
      auto entry = decode_entry(value);
      if (!entry || (!entries.empty() && entry->number <= entries.back().number)) return broken(number);
      entries.push_back(std::move(*entry));
    }
    start = end + 1;
  }
  // Without its closing line a list may be shorter than it was, and files would seem never to have been published.
  return broken(entries.size() + 2);
}

}  // namespace relay::spool
