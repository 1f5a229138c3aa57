#include <fmt/format.h>

#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

namespace {

constexpr std::size_t kUuidTextSize = 36;

bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string uuid_text(const Uuid& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (dash_before(i)) text += '-';
    text += fmt::format("{:02x}", uuid[i]);
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kUuidTextSize) return std::nullopt;
  Uuid uuid{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    const int high = hex_value(text[at++]);
    const int low = hex_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return uuid;
}

std::string MysqlGtid::text() const {
  return tag.empty() ? fmt::format("{}:{}", uuid_text(uuid), number)
                     : fmt::format("{}:{}:{}", uuid_text(uuid), tag, number);
}

std::string MariadbGtid::text() const { return fmt::format("{}-{}-{}", domain, server_id, sequence); }

}  // namespace relay::binlog
