#include "relay/sql/string_literal.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace relay::sql {

namespace {

constexpr std::uint64_t kEach = 0x0101010101010101;  // a byte in each of eight
constexpr std::uint64_t kHigh = kEach * 0x80;

// What stands behind the backslash; 0 for bytes that need none.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  escapes[0] = '0';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes[0x1a] = 'Z';
  escapes['\''] = '\'';
  escapes['\\'] = '\\';
  return escapes;
}();

// Whether one of eight bytes may need an escape: a quote, a backslash or a control character. Borrows between bytes may
// say so wrongly, never the other way.
bool may_need_escape(std::uint64_t bytes) {
  const auto below = [](std::uint64_t value, std::uint64_t limit) { return (value - kEach * limit) & ~value & kHigh; };
  return (below(bytes, 0x20) | below(bytes ^ (kEach * '\''), 1) | below(bytes ^ (kEach * '\\'), 1)) != 0;
}

// Offset of the next byte to escape, or the size.
std::size_t next_escape(base::ByteView bytes, std::size_t at) {
  while (at < bytes.size()) {
    std::uint64_t eight = 0;
    if (bytes.size() - at >= sizeof eight) {
      std::memcpy(&eight, bytes.data() + at, sizeof eight);
      if (!may_need_escape(eight)) {
        at += sizeof eight;
        continue;
      }
    }
    // The last ones, some of which may have been looked at before.
    if (at >= sizeof eight && bytes.size() - at < sizeof eight) {
      std::memcpy(&eight, bytes.data() + bytes.size() - sizeof eight, sizeof eight);
      if (!may_need_escape(eight)) return bytes.size();
    }
    const std::size_t end = std::min(bytes.size(), at + sizeof eight);
    for (; at < end; ++at) {
      if (kEscapes[bytes[at]] != 0) return at;
    }
  }
  return at;
}

}  // namespace

void append_string_literal(base::ByteView bytes, base::Buffer& into) {
  into.append_u8('\'');
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = next_escape(bytes, at);
    into.append(bytes.sub(at, end - at));
    at = end;
    if (at == bytes.size()) break;
    const char escaped[2] = {'\\', kEscapes[bytes[at]]};
    into.append(std::string_view(escaped, sizeof escaped));
    ++at;
  }
  into.append_u8('\'');
}

}  // namespace relay::sql
