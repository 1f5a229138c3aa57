#include "relay/sql/utf8.h"

namespace relay::sql {

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::optional<std::uint32_t> decode_utf8(std::string_view text, std::size_t& at) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  auto trail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint32_t lead = byte(at);
  if (lead < 0x80) return byte(at++);
  if (lead >= 0xC2 && lead < 0xE0 && trail(at + 1)) {
    at += 2;
    return (lead & 0x1FU) << 6 | (byte(at - 1) & 0x3FU);
  }
  if (lead >= 0xE0 && lead < 0xF0 && trail(at + 1) && trail(at + 2)) {
    at += 3;
    return (lead & 0x0FU) << 12 | (byte(at - 2) & 0x3FU) << 6 | (byte(at - 1) & 0x3FU);
  }
  return std::nullopt;
}

}  // namespace relay::sql
