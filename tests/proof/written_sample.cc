#include "tests/proof/written_sample.h"

#include <stdexcept>

#include "relay/base/crc32.h"
#include "relay/proof/event_codes.h"

namespace relay::proof::testing {

namespace {

constexpr std::size_t kHeaderSize = 19;
constexpr std::size_t kChecksumSize = 4;

}  // namespace

std::string le(std::uint64_t value, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string counted(std::string_view text) { return le(text.size(), 1) + std::string(text); }

base::Result<std::optional<ExpectedTable>> FixedExpectations::table(const WrittenMap& map) const {
  const auto found = tables.find(std::string(map.database) + "." + std::string(map.table));
  if (found == tables.end()) return std::nullopt;
  return found->second;
}

FixedExpectations customers() {
  ExpectedTable table;
  table.columns.push_back({"id", {{3, 0}}, false, 0, Cells::any, {}});
  table.columns.push_back({"country", {{15, 32}}, true, 0, Cells::any, {}});
  table.columns.push_back({"notes", {{252, 2}}, true, 0, Cells::null, {}});
  table.columns.push_back({"source", {{15, 80}}, true, 0, Cells::fixed, "relay"});
  table.columns.push_back({"doc", {{245, 4}}, true, 0, Cells::any, {}});
  FixedExpectations expectations;
  expectations.tables["shop.customers"] = table;
  expectations.databases = {"shop"};
  return expectations;
}

std::string customers_map(std::uint64_t table_id) {
  const std::string types = "\x03\x0f\xfc\x0f\xf5";
  const std::string metadata = le(32, 2) + le(2, 1) + le(80, 2) + le(4, 1);
  const std::string names = counted("id") + counted("country") + counted("notes") + counted("source") + counted("doc");
  return le(table_id, 6) + le(1, 2) + counted("shop") + '\0' + counted("customers") + '\0' + le(5, 1) + types +
         counted(metadata) + '\x1e' + '\x04' + counted(names);
}

std::string gtid_body(std::uint64_t transaction_length) {
  return le(1, 1) + std::string(16, 'u') + le(5, 8) + '\x02' + le(4, 8) + le(5, 8) + le(1700000000, 7) + '\xfe' +
         le(transaction_length, 8) + le(90704, 4);
}

std::string query_body(std::string_view statement, std::string_view status, std::string_view database) {
  return le(8, 4) + le(0, 4) + le(database.size(), 1) + le(0, 2) + le(status.size(), 2) + std::string(status) +
         std::string(database) + '\0' + std::string(statement);
}

std::string customers_row() { return '\x14' + le(7, 4) + counted("no") + counted("relay"); }

std::string rows_body(std::uint64_t table_id, std::uint16_t flags, std::string_view rows) {
  return le(table_id, 6) + le(flags, 2) + le(2, 2) + le(5, 1) + '\x1f' + std::string(rows);
}

std::vector<SampleEvent> customers_transaction() {
  return {{code::kGtid, gtid_body(0)},
          {code::kQuery, query_body("BEGIN"), 0x8},
          {code::kTableMap, customers_map(90)},
          {code::kWriteRows, rows_body(90, 1, customers_row())},
          {code::kXid, le(77, 8)}};
}

SampleFile::SampleFile(std::string_view server_version)
    : content(
          "\xfe"
          "bin") {
  std::string version(server_version);
  version.resize(50, '\0');
  add({code::kFormatDescription,
       le(4, 2) + version + le(1700000000, 4) + le(19, 1) + std::string(42, '\x08') + '\x01'});
  opening_end_ = content.size();
}

void SampleFile::add(const SampleEvent& event) {
  const std::size_t size = kHeaderSize + event.body.size() + kChecksumSize;
  const std::string bytes = le(1700000000, 4) + le(event.type, 1) + le(1, 4) + le(size, 4) +
                            le(content.size() + size, 4) + le(event.flags, 2) + event.body;
  content += bytes + le(base::crc32(base::ByteView::of(bytes)), 4);
}

std::uint64_t SampleFile::append(const std::vector<SampleEvent>& events) {
  const std::uint64_t begin = content.size();
  std::uint64_t length = 0;
  for (const SampleEvent& event : events) length += kHeaderSize + event.body.size() + kChecksumSize;
  for (SampleEvent event : events) {
    if (event.type == code::kGtid && event.body == gtid_body(0)) event.body = gtid_body(length);
    add(event);
  }
  return begin;
}

base::Result<void> SampleFile::ask(EgressCheck& check, WrittenPart part, std::uint64_t begin, std::uint64_t end) {
  files_.set_content("spool.000001", content);
  auto file = files_.open("spool.000001", base::OpenMode::read);
  if (!file) throw std::runtime_error("the sample cannot be opened");
  return check.check(**file, part, begin, end);
}

}  // namespace relay::proof::testing
