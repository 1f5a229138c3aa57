#include "scrub_rules/plain_text.h"

#include <algorithm>

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kSize = 3;  // bytes in UTF-8 of every character that has a plain form

// The plain form of the character at `place`; '\0' for one that stays.
char plain_form(std::string_view text, std::size_t place) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[place + i]); };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  if (byte(0) < 0xe2 || byte(0) > 0xef || text.size() - place < kSize || !continues(1) || !continues(2)) return '\0';
  const unsigned character = (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
  const auto between = [character](unsigned first, unsigned last) { return character >= first && character <= last; };
  if (between(0xff01, 0xff5e)) return static_cast<char>(character - 0xff01 + '!');
  if (between(0x2000, 0x200a) || character == 0x202f || character == 0x205f || character == 0x3000) return ' ';
  if (between(0x2010, 0x2015) || character == 0x2212) return '-';
  if (between(0x2028, 0x2029)) return '\n';
  // Joiners, marks of the direction, and the byte order mark.
  if (between(0x200b, 0x200f) || between(0x202a, 0x202e) || between(0x2060, 0x2069) || character == 0xfeff)
    return kNoWidth;
  return '\0';
}

}  // namespace

PlainText::PlainText(std::string_view utf8) {
  plain_.reserve(utf8.size());
  for (std::size_t place = 0; place < utf8.size();) {
    const char form = plain_form(utf8, place);
    plain_ += form == '\0' ? utf8[place] : form;
    place += form == '\0' ? 1 : kSize;
    if (form != '\0') shifts_.push_back({plain_.size(), place - plain_.size()});
  }
}

std::size_t PlainText::in_text(std::size_t plain) const {
  const auto behind = std::ranges::upper_bound(shifts_, plain, {}, &Shift::plain);
  return behind == shifts_.begin() ? plain : plain + std::prev(behind)->shorter;
}

}  // namespace relay::scrub_rules
