#include "relay/sql/character_set.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "relay/sql/utf8.h"

namespace relay::sql {
namespace {

struct CharacterSet {
  std::string_view name;
  std::uint32_t maximum_bytes;
  std::string_view default_collation;
};

// mysys/charset-def.c and strings/ctype-*.c; the defaults of utf8mb3 and utf8mb4 differ between servers.
constexpr std::array<CharacterSet, 41> kSets = {{
    {"armscii8", 1, "armscii8_general_ci"},
    {"ascii", 1, "ascii_general_ci"},
    {"big5", 2, "big5_chinese_ci"},
    {"binary", 1, "binary"},
    {"cp1250", 1, "cp1250_general_ci"},
    {"cp1251", 1, "cp1251_general_ci"},
    {"cp1256", 1, "cp1256_general_ci"},
    {"cp1257", 1, "cp1257_general_ci"},
    {"cp850", 1, "cp850_general_ci"},
    {"cp852", 1, "cp852_general_ci"},
    {"cp866", 1, "cp866_general_ci"},
    {"cp932", 2, "cp932_japanese_ci"},
    {"dec8", 1, "dec8_swedish_ci"},
    {"eucjpms", 3, "eucjpms_japanese_ci"},
    {"euckr", 2, "euckr_korean_ci"},
    {"gb18030", 4, "gb18030_chinese_ci"},
    {"gb2312", 2, "gb2312_chinese_ci"},
    {"gbk", 2, "gbk_chinese_ci"},
    {"geostd8", 1, "geostd8_general_ci"},
    {"greek", 1, "greek_general_ci"},
    {"hebrew", 1, "hebrew_general_ci"},
    {"hp8", 1, "hp8_english_ci"},
    {"keybcs2", 1, "keybcs2_general_ci"},
    {"koi8r", 1, "koi8r_general_ci"},
    {"koi8u", 1, "koi8u_general_ci"},
    {"latin1", 1, "latin1_swedish_ci"},
    {"latin2", 1, "latin2_general_ci"},
    {"latin5", 1, "latin5_turkish_ci"},
    {"latin7", 1, "latin7_general_ci"},
    {"macce", 1, "macce_general_ci"},
    {"macroman", 1, "macroman_general_ci"},
    {"sjis", 2, "sjis_japanese_ci"},
    {"swe7", 1, "swe7_swedish_ci"},
    {"tis620", 1, "tis620_thai_ci"},
    {"ucs2", 2, ""},
    {"ujis", 3, "ujis_japanese_ci"},
    {"utf16", 4, ""},
    {"utf16le", 4, "utf16le_general_ci"},
    {"utf32", 4, ""},
    {"utf8mb3", 3, ""},
    {"utf8mb4", 4, ""},
}};

const CharacterSet* find_set(std::string_view name) {
  const auto* found =
      std::find_if(kSets.begin(), kSets.end(), [&](const CharacterSet& set) { return set.name == name; });
  return found == kSets.end() ? nullptr : found;
}

bool between(std::uint16_t id, std::uint16_t first, std::uint16_t last) { return id >= first && id <= last; }

template <std::size_t N>
bool one_of(std::uint16_t id, const std::array<std::uint16_t, N>& ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// cp1252 at 0x80..0x9F; the holes 81, 8D, 8F, 90 and 9D are control characters of the same number
// (strings/ctype-latin1.c).
constexpr std::array<std::uint16_t, 32> kLatin1High = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                       0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

std::optional<char> latin1_byte(std::uint32_t code) {
  if (code < 0x80 || between(static_cast<std::uint16_t>(code), 0xA0, 0xFF)) return static_cast<char>(code);
  for (std::size_t i = 0; i < kLatin1High.size(); ++i) {
    if (kLatin1High[i] == code) return static_cast<char>(0x80 + i);
  }
  return std::nullopt;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

ClientEncoding client_encoding(std::uint16_t id) {
  if (between(id, 0x400, 0x7FF)) id = static_cast<std::uint16_t>(id - 0x400);  // MariaDB NO PAD twins
  if (between(id, 2048, 2303)) return ClientEncoding::utf8;                    // utf8mb3_uca1400_*
  if (between(id, 2304, 2559)) return ClientEncoding::utf8;                    // utf8mb4_uca1400_*
  if (between(id, 576, 607) || between(id, 608, 639)) return ClientEncoding::utf8;
  if (id == 33 || id == 83 || id == 76 || between(id, 192, 223) || id == 45 || id == 46 || between(id, 224, 247) ||
      between(id, 255, 323)) {
    return ClientEncoding::utf8;
  }
  static constexpr std::array<std::uint16_t, 8> kLatin1 = {5, 8, 15, 31, 47, 48, 49, 94};
  if (one_of(id, kLatin1)) return ClientEncoding::latin1;
  // big5 sjis gbk euckr cp932 gb18030
  static constexpr std::array<std::uint16_t, 13> kAmbiguous = {1, 84, 13, 88, 28, 87, 19, 85, 95, 96, 248, 249, 250};
  if (one_of(id, kAmbiguous)) return ClientEncoding::ascii_only;
  // latin2 cp850 dec8 hp8 koi8r ascii ujis cp1251 hebrew tis620 koi8u gb2312 greek cp1250 latin5 cp866 macce macroman
  // cp852 latin7 cp1256 cp1257 binary geostd8 eucjpms armscii8 keybcs2: trail bytes, where there are any, are above
  // 0x80
  static constexpr std::array<std::uint16_t, 65> kSafe = {
      2,  9,  21, 27, 77, 4,  80, 3,  69, 6,  72, 7,  74, 11, 65, 12, 91, 14, 23, 50, 51, 52,
      16, 71, 18, 89, 22, 75, 24, 86, 25, 70, 26, 34, 44, 66, 99, 30, 78, 36, 68, 38, 43, 39,
      53, 40, 81, 20, 41, 42, 79, 57, 67, 29, 58, 59, 63, 92, 93, 97, 98, 32, 64, 37, 73};
  if (one_of(id, kSafe)) return ClientEncoding::other_safe;
  return ClientEncoding::unreadable;
}

void append_latin1_as_utf8(std::string_view text, std::string& into) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(into, byte >= 0x80 && byte < 0xA0 ? kLatin1High[byte - 0x80U] : byte);
  }
}

std::optional<std::string> utf8_to_latin1(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto code = decode_utf8(text, at);
    if (!code) return std::nullopt;
    const auto byte = latin1_byte(*code);
    if (!byte) return std::nullopt;
    out += *byte;
  }
  return out;
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  std::uint64_t eight = 0;
  if (text.size() < sizeof eight) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  }
  // The last eight bytes may be seen in part twice.
  const std::size_t last = text.size() - sizeof eight;
  for (std::size_t at = 0; at < last; at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & kHigh) != 0) return false;
  }
  std::memcpy(&eight, text.data() + last, sizeof eight);
  return (eight & kHigh) == 0;
}

bool is_character_set(std::string_view name) { return name == "utf8" || find_set(name) != nullptr; }

std::string canonical_character_set(std::string_view name) {
  std::string set(name);
  std::transform(set.begin(), set.end(), set.begin(), lower);
  return set == "utf8" ? "utf8mb3" : set;
}

std::string canonical_collation(std::string_view name) {
  std::string collation(name);
  std::transform(collation.begin(), collation.end(), collation.begin(), lower);
  if (collation.rfind("utf8_", 0) == 0) collation.insert(4, "mb3");
  return collation;
}

std::string character_set_of_collation(std::string_view collation) {
  const std::string name = canonical_collation(collation);
  const std::string set = name.substr(0, name.find('_'));
  return find_set(set) != nullptr ? set : std::string();
}

std::string default_collation(std::string_view character_set) {
  const auto* set = find_set(character_set);
  return set == nullptr ? std::string() : std::string(set->default_collation);
}

std::string binary_collation(std::string_view character_set) {
  if (character_set.empty() || character_set == "binary") return std::string(character_set);
  return std::string(character_set) + "_bin";
}

std::uint32_t maximum_bytes(std::string_view character_set) {
  const auto* set = find_set(character_set);
  return set == nullptr ? 4 : set->maximum_bytes;
}

}  // namespace relay::sql
