#include "tests/spool/event_samples.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace relay::testing {

namespace {

using base::Buffer;
using base::ByteView;
using binlog::EventType;

constexpr std::uint32_t kSourceServerId = 7;

std::string text_of(const Buffer& buffer) { return std::string(buffer.view().text()); }

std::string query_body(std::string_view statement) {
  Buffer body;
  body.append_fill(13, 0);  // thread, seconds, database length, error, status length
  body.append_u8(0);
  body.append(statement);
  return text_of(body);
}

// Table 1 "d.t" with one LONGBLOB column.
std::string table_map_body() {
  Buffer body;
  body.append_little_endian(1, 6);
  body.append_u16(1);
  body.append(
      std::string_view("\x01"
                       "d\0\x01"
                       "t\0",
                       6));
  body.append_u8(1);     // columns
  body.append_u8(0xfc);  // BLOB
  body.append_u8(1);     // bytes of metadata
  body.append_u8(4);     // bytes of the length
  body.append_u8(1);     // may be NULL
  return text_of(body);
}

std::string rows_body(EventType type, std::size_t bytes) {
  Buffer body;
  body.append_little_endian(1, 6);
  body.append_u16(1);  // end of statement
  if (type == EventType::write_rows_v2) body.append_u16(2);
  body.append_u8(1);
  body.append_u8(1);  // columns present
  body.append_u8(0);  // NULL bits
  body.append_u32(static_cast<std::uint32_t>(bytes));
  body.append_fill(bytes, 'r');
  return text_of(body);
}

std::string xid_body(std::uint64_t number) {
  Buffer body;
  body.append_u64(number);
  return text_of(body);
}

}  // namespace

std::string golden(const std::string& name) {
  const std::string path = std::string(RELAY_GOLDEN_DIRECTORY) + "/" + name + ".binlog";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

binlog::FormatDescription golden_format(const std::string& name) {
  const std::string file = golden(name);
  const ByteView events = ByteView::of(file).sub(4);
  const auto header = binlog::decode_event_header(events);
  auto format = binlog::FormatDescription::parse(events.sub(0, header.event_size));
  if (!format) throw std::runtime_error(format.error().message());
  return *format;
}

OwnedDraft::OwnedDraft(EventType type, std::string body, std::optional<std::size_t> transaction_length_offset)
    : body_(std::move(body)), offset_(transaction_length_offset) {
  header_.timestamp = 1700000000;
  header_.type_code = static_cast<std::uint8_t>(type);
  header_.server_id = kSourceServerId;
}

binlog::EventDraft OwnedDraft::draft() const {
  // In two slices, as a rewritten event would be.
  const ByteView all = ByteView::of(body_);
  slices_ = {all.sub(0, all.size() / 3), all.sub(all.size() / 3)};
  return {header_, slices_, offset_};
}

binlog::Uuid sample_uuid() {
  binlog::Uuid uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(i + 1);
  return uuid;
}

std::vector<OwnedDraft> mysql_transaction(std::uint64_t number, std::size_t row_bytes) {
  Buffer gtid;
  gtid.append_u8(0);
  const binlog::Uuid uuid = sample_uuid();
  gtid.append(ByteView(uuid.data(), uuid.size()));
  gtid.append_u64(number);
  gtid.append_u8(2);
  gtid.append_u64(number - 1);  // last_committed
  gtid.append_u64(number);      // sequence_number
  gtid.append_little_endian(1700000000000000, 7);
  gtid.append_u8(0xfe);
  gtid.append_u64(0);
  gtid.append_u32(90704);
  std::vector<OwnedDraft> events;
  events.emplace_back(EventType::gtid, text_of(gtid), kLengthOffset);
  events.emplace_back(EventType::query, query_body("BEGIN"));
  events.emplace_back(EventType::table_map, table_map_body());
  events.emplace_back(EventType::write_rows_v2, rows_body(EventType::write_rows_v2, row_bytes));
  events.emplace_back(EventType::xid, xid_body(number));
  return events;
}

std::vector<OwnedDraft> mariadb_transaction(std::uint64_t number, std::size_t row_bytes) {
  Buffer gtid;
  gtid.append_u64(number);
  gtid.append_u32(3);  // domain
  gtid.append_u8(0x0c);
  gtid.append_fill(6, 0);
  std::vector<OwnedDraft> events;
  events.emplace_back(EventType::mariadb_gtid, text_of(gtid));
  events.emplace_back(EventType::table_map, table_map_body());
  events.emplace_back(EventType::write_rows_v1, rows_body(EventType::write_rows_v1, row_bytes));
  events.emplace_back(EventType::xid, xid_body(number));
  return events;
}

}  // namespace relay::testing
