#include "relay/wire/answer.h"

#include "relay/wire/protocol.h"

namespace relay::wire {

namespace {

constexpr std::size_t kMaximumMessage = 512;
constexpr std::uint8_t kVarString = 0xfd;  // MYSQL_TYPE_VAR_STRING
constexpr std::uint16_t kUtf8Collation = 33;

void append_text(base::Buffer& into, std::string_view text) {
  into.append_length_encoded_bytes(base::ByteView::of(text));
}

}  // namespace

void encode_ok(base::Buffer& into, std::string_view info) {
  into.append_u8(0x00);
  into.append_length_encoded(0);  // affected rows
  into.append_length_encoded(0);  // last insert id
  into.append_u16(kStatusAutocommit);
  into.append_u16(0);  // warnings
  if (!info.empty()) append_text(into, info);
}

void encode_error(base::Buffer& into, std::uint16_t code, std::string_view sql_state, std::string_view message) {
  into.append_u8(0xff);
  into.append_u16(code);
  if (!sql_state.empty()) {
    into.append("#");
    into.append(sql_state);
  }
  into.append(message.substr(0, kMaximumMessage));
}

void encode_eof(base::Buffer& into) {
  into.append_u8(0xfe);
  into.append_u16(0);  // warnings
  into.append_u16(kStatusAutocommit);
}

void encode_column_count(base::Buffer& into, std::size_t count) { into.append_length_encoded(count); }

// ColumnDefinition41.
void encode_column(base::Buffer& into, std::string_view name) {
  append_text(into, "def");
  for (int i = 0; i < 3; ++i) append_text(into, "");  // schema, table, original table
  append_text(into, name);
  append_text(into, "");  // original name
  into.append_u8(0x0c);   // size of the fixed fields
  into.append_u16(kUtf8Collation);
  into.append_u32(1024);  // display length
  into.append_u8(kVarString);
  into.append_u16(0);  // flags
  into.append_u8(31);  // decimals: not a number
  into.append_u16(0);
}

void encode_row(base::Buffer& into, const std::vector<std::optional<std::string>>& row) {
  for (const auto& cell : row) {
    if (cell) {
      append_text(into, *cell);
    } else {
      into.append_u8(0xfb);
    }
  }
}

}  // namespace relay::wire
