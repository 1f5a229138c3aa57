#include "scrub_rules/email_detector.h"

#include <array>

#include "scrub_rules/text_signs.h"

namespace relay::scrub_rules {

namespace {

enum Part : std::uint8_t { kLocal = 1, kDomain = 2 };

// Which bytes may stand in either part; a letter of any language counts.
constexpr std::array<std::uint8_t, 256> kParts = [] {
  std::array<std::uint8_t, 256> parts{};
  for (std::size_t byte = 0; byte < parts.size(); ++byte) {
    const char c = static_cast<char>(byte);
    if (byte >= 0x80 || is_word(c)) parts[byte] = kLocal | kDomain;
  }
  for (const char c : std::string_view(".-")) parts[static_cast<unsigned char>(c)] = kLocal | kDomain;
  for (const char c : std::string_view("!#$%&'*+/=?^_`{|}~")) parts[static_cast<unsigned char>(c)] = kLocal;
  return parts;
}();
bool is_of(Part part, char c) { return (kParts[static_cast<unsigned char>(c)] & part) != 0; }

// RFC 5321 has 64 bytes for a local part, which backslashes may double, and 255 for a domain.
constexpr std::size_t kMostQuoted = 128;
constexpr std::size_t kMostBracketed = 255;

// Where the quotation begins that ends right before `end`; `end` where there is none.
std::size_t quoted_begin(std::string_view text, std::size_t end) {
  const auto escaped = [&](std::size_t quote) { return quote > 0 && text[quote - 1] == '\\'; };
  const bool within_text = escaped(end - 1);  // "\"ola nordmann\"@firma.no" as programs write it
  for (std::size_t quote = end - 1; quote-- > 0 && end - quote <= kMostQuoted;) {
    if (text[quote] == '\n') break;
    if (text[quote] == '"' && (within_text || !escaped(quote))) return quote;
  }
  return end;
}

std::size_t local_begin(std::string_view text, std::size_t end) {
  if (end > 0 && text[end - 1] == '"') return quoted_begin(text, end);
  std::size_t begin = end;
  while (begin > 0 && is_of(kLocal, text[begin - 1])) --begin;
  return begin;
}

// Behind "[192.0.2.77]", which begins at `begin`; `begin` where it is none.
std::size_t bracketed_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < text.size() && end - begin < kMostBracketed && (is_of(kDomain, text[end]) || text[end] == ':')) ++end;
  return end > begin + 1 && end < text.size() && text[end] == ']' ? end + 1 : begin;
}

std::size_t domain_end(std::string_view text, std::size_t begin) {
  if (begin < text.size() && text[begin] == '[') return bracketed_end(text, begin);
  std::size_t end = begin;
  while (end < text.size() && is_of(kDomain, text[end])) ++end;
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return end;
}

}  // namespace

void detect_emails(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t sign = text.find('@'); sign != std::string_view::npos; sign = text.find('@', sign + 1)) {
    const std::size_t begin = local_begin(text, sign);
    const std::size_t end = domain_end(text, sign + 1);
    if (begin < sign && end > sign + 1) add_span({begin, end}, into);
  }
}

}  // namespace relay::scrub_rules
