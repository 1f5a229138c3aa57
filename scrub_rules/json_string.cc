#include "scrub_rules/json_string.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "relay/sql/utf8.h"

namespace relay::scrub_rules {

namespace {

constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";

// The number of four hexadecimal digits at `at`; none where they are not.
std::optional<std::uint32_t> read_unit(std::string_view text, std::size_t at) {
  if (at > text.size() || text.size() - at < 4) return std::nullopt;
  std::uint32_t unit = 0;
  const char* const begin = text.data() + at;
  const auto read = std::from_chars(begin, begin + 4, unit, 16);
  if (read.ec != std::errc() || read.ptr != begin + 4) return std::nullopt;
  return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

struct Escape {
  std::uint32_t code = 0;
  std::size_t end = 0;
};

// The character of the escape whose u stands at `at`.
std::optional<Escape> read_unicode(std::string_view text, std::size_t at) {
  const auto unit = read_unit(text, at + 1);
  if (!unit || is_low(*unit)) return std::nullopt;
  if (!is_high(*unit)) return Escape{*unit, at + 5};
  if (text.substr(at + 5, 2) != "\\u") return std::nullopt;
  const auto low = read_unit(text, at + 7);
  if (!low || !is_low(*low)) return std::nullopt;
  return Escape{0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), at + 11};
}

void append_character(std::uint32_t code, std::string& into) {
  if (code < 0x10000) return sql::append_utf8(into, code);
  for (const unsigned shift : {18U, 12U, 6U, 0U}) {
    into += static_cast<char>((shift == 18 ? 0xf0U : 0x80U) | (code >> shift & 0x3fU));
  }
}

}  // namespace

std::optional<JsonString> scan_json_string(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != '"') return std::nullopt;
  JsonString found;
  for (++at; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      found.end = at + 1;
      return found;
    }
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c != '\\') {
      ++at;
      continue;
    }
    found.escaped = true;
    if (++at >= text.size()) return std::nullopt;
    if (text[at] == 'u') {
      const auto escape = read_unicode(text, at);
      if (!escape) return std::nullopt;
      at = escape->end;
    } else if (kEscapes.find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void unescape_json_string(std::string_view inside, std::string& into) {
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t next = std::min(inside.find('\\', at), inside.size());
    into.append(inside.substr(at, next - at));
    at = next + 1;
    if (at >= inside.size()) return;
    const auto escape = inside[at] == 'u' ? read_unicode(inside, at) : std::nullopt;
    if (escape) {
      append_character(escape->code, into);
      at = escape->end;
    } else {
      const std::size_t which = kEscapes.find(inside[at++]);
      if (which != std::string_view::npos) into += kEscaped[which];
    }
  }
}

}  // namespace relay::scrub_rules
