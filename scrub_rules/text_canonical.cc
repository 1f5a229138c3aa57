#include "scrub_rules/text_canonical.h"

#include <cstdint>

namespace relay::scrub_rules {

using base::Error;
using base::ErrorKind;

namespace {

bool in(std::uint32_t letter, std::uint32_t first, std::uint32_t last) { return letter >= first && letter <= last; }

// The small letter of a capital below U+0430, as Unicode pairs them one to one; any other character itself.
std::uint32_t small_letter(std::uint32_t letter, bool narrow) {
  if (in(letter, 'A', 'Z')) return letter + 32;
  if (in(letter, 0xc0, 0xde) && letter != 0xd7) return letter + 32;
  const bool unequal = letter == 0x152 || letter == 0x160 || letter == 0x178 || letter == 0x17d;
  if (narrow && unequal) return letter;
  if (letter == 0x178) return 0xff;
  const bool even = in(letter, 0x100, 0x136) || in(letter, 0x14a, 0x176);
  const bool odd = in(letter, 0x139, 0x147) || in(letter, 0x179, 0x17d);
  if (((even && letter % 2 == 0) || (odd && letter % 2 == 1)) && letter != 0x130) return letter + 1;
  if (in(letter, 0x391, 0x3a9) && letter != 0x3a2) return letter + 32;
  if (in(letter, 0x400, 0x40f)) return letter + 80;
  return in(letter, 0x410, 0x42f) ? letter + 32 : letter;
}

// Small letters have as many bytes as their capitals.
void make_small(std::string& utf8, const Folding& folding) {
  unsigned char before = 0;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const bool stays = folding.nordic && before == 'a' && first == 'A';
    before = first;
    if (stays) continue;
    if (first < 0x80) {
      if (in(first, 'A', 'Z')) utf8[at] = static_cast<char>(first + 32);
    } else if (in(first, 0xc2, 0xdf) && at + 1 < utf8.size()) {
      const std::uint32_t letter = (first & 0x1fU) << 6 | (static_cast<unsigned char>(utf8[at + 1]) & 0x3fU);
      const std::uint32_t small = small_letter(letter, folding.narrow);
      utf8[at] = static_cast<char>(0xc0U | small >> 6);
      utf8[++at] = static_cast<char>(0x80U | (small & 0x3fU));
    }
  }
}

}  // namespace

const std::string& CanonicalText::canonical(base::ByteView value) {
  text_.clear();
  reader_.append_canonical(value, text_);
  if (folding_ && is_text(text_)) make_small(text_, *folding_);
  return text_;
}

base::Result<std::optional<Folding>> folding_for(const Action& action, std::string_view character_set,
                                                 std::string_view collation) {
  if (!action.fold) return std::optional<Folding>();
  std::optional<Folding> folding = folding_of(character_set, collation);
  if (folding) return folding;
  return base::fail(
      Error(ErrorKind::configuration, "fold = true, but what the column's collation calls equal is not known here")
          .remedy("remove fold, or give the column a _general_ci, _unicode_ci or _0900_ai_ci collation"));
}

base::Result<PseudonymKey> pseudonym_key(const Action& action, const KeyRing& keys) {
  const base::Secret* const key = keys.find(action.key);
  if (key != nullptr) return PseudonymKey::derive(*key, action.key);
  return base::fail(
      Error(ErrorKind::configuration, "the key of a pseudonym was not fetched").remedy("see the problems with [keys]"));
}

}  // namespace relay::scrub_rules
