#include "scrub_rules/single_byte_set.h"

#include <iconv.h>

#include <algorithm>

#include "relay/sql/character_set.h"
#include "relay/sql/utf8.h"
#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

constexpr char16_t kNone = 0xffff;
constexpr std::size_t kAscii = 0x80;

// Where the servers have other characters than ASCII and the system's iconv, from a byte on: the same in MySQL 5.6 and
// 9.7 and MariaDB 10.5 to 11.8 (strings/ctype-extra.cc). iconv has no geostd8, keybcs2 and variant C of swe7 at all.
struct ServerLetters {
  std::string_view character_set;
  std::size_t first;
  std::u16string_view letters;
};

constexpr auto kServerLetters = std::to_array<ServerLetters>({
    {"armscii8", 0xa1, u"❁§"},
    {"armscii8", 0xad, u"՟"},
    {"armscii8", 0xfe, u"’"},
    {"cp1256", 0x8a, u"\uffff"},
    {"cp1256", 0x8f, u"\uffff"},
    {"cp1256", 0x98, u"\uffff"},
    {"cp1256", 0x9a, u"\uffff"},
    {"cp1256", 0x9f, u"\uffff"},
    {"cp1256", 0xaa, u"\uffff"},
    {"cp1256", 0xc0, u"\uffff"},
    {"cp1256", 0xff, u"\uffff"},
    {"cp866", 0xfc, u"ⁿ²"},
    {"dec8", 0xa0, u"\u00a0"},
    {"geostd8", 0x80, u"€\uffff‚\uffff„…†‡\uffff‰\uffff‹\uffff\uffff\uffff\uffff"},
    {"geostd8", 0x90, u"\uffff‘’“”•–—\uffff\uffff\uffff›\uffff\uffff\uffff\uffff"},
    {"geostd8", 0xa0, u"\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"},
    {"geostd8", 0xc0, u"აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵ"},
    {"geostd8", 0xfd, u"№"},
    {"greek", 0xa1, u"ʽʼ"},
    {"greek", 0xa4, u"\uffff\uffff"},
    {"greek", 0xaa, u"\uffff"},
    {"hebrew", 0xaf, u"‾"},
    {"keybcs2", 0x80, u"ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘť"},
    {"keybcs2", 0xa0, u"áíóúňŇŮÔšřŕŔ¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"},
    {"keybcs2", 0xc0, u"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"},
    {"keybcs2", 0xe0, u"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"},
    {"koi8u", 0x95, u"•"},
    {"macroman", 0xc6, u"∆"},
    {"macroman", 0xf0, u"\uf8ff"},
    {"swe7", 0x40, u"É"},
    {"swe7", 0x5b, u"ÄÖÅÜ"},
    {"swe7", 0x60, u"é"},
    {"swe7", 0x7b, u"äöåü\uffff"},
    {"tis620", 0x80,
     u"\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f"},
    {"tis620", 0x90,
     u"\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b\u009c\u009d\u009e\u009f"},
    {"tis620", 0xff, u"\ufffd"},
});

// The character of a byte in a set of iconv's.
char16_t iconv_letter(iconv_t handle, std::size_t byte) {
  char stored = static_cast<char>(byte);
  std::array<char, 8> unit{};  // UTF-16, the higher byte first
  char* from = &stored;
  char* to = unit.data();
  std::size_t left = 1;
  std::size_t room = unit.size();
  iconv(handle, nullptr, nullptr, nullptr, nullptr);
  if (iconv(handle, &from, &left, &to, &room) != 0 || room != unit.size() - 2) return kNone;
  return static_cast<char16_t>(static_cast<unsigned char>(unit[0]) << 8U | static_cast<unsigned char>(unit[1]));
}

}  // namespace

bool SingleByteSet::has(std::string_view character_set) {
  return sql::is_character_set(character_set) && sql::maximum_bytes(character_set) == 1 && character_set != "binary" &&
         character_set != "latin1" && character_set != "ascii";
}

std::optional<SingleByteSet> SingleByteSet::make(std::string_view character_set) {
  SingleByteSet set;
  for (std::size_t i = 0; i < set.letters_.size(); ++i) set.letters_[i] = i < kAscii ? static_cast<char16_t>(i) : kNone;
  if (const char* const name = iconv_name_of(character_set)) {
    const iconv_t handle = iconv_open("UTF-16BE", name);
    if (reinterpret_cast<std::intptr_t>(handle) == -1) return std::nullopt;
    for (std::size_t i = kAscii; i < set.letters_.size(); ++i) set.letters_[i] = iconv_letter(handle, i);
    iconv_close(handle);
  }
  for (const ServerLetters& run : kServerLetters) {
    if (run.character_set == character_set) std::ranges::copy(run.letters, set.letters_.begin() + run.first);
  }
  // Whatever this system's iconv has: no two texts may have one form.
  for (auto letter = set.letters_.begin(); letter != set.letters_.end(); ++letter) {
    if (std::find(set.letters_.begin(), letter, *letter) != letter) *letter = kNone;
  }
  return set;
}

bool SingleByteSet::append_utf8(base::ByteView bytes, std::string& into) const {
  const std::size_t before = into.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char16_t letter = letters_[bytes[i]];
    if (letter == kNone) {
      into.resize(before);
      return false;
    }
    sql::append_utf8(into, letter);
  }
  return true;
}

std::optional<std::string> SingleByteSet::from_utf8(std::string_view utf8) const {
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto letter = sql::decode_utf8(utf8, at);
    if (!letter || *letter == kNone) return std::nullopt;
    const auto* const found = std::ranges::find(letters_, static_cast<char16_t>(*letter));
    if (found == letters_.end()) return std::nullopt;
    bytes += static_cast<char>(found - letters_.begin());
  }
  return bytes;
}

}  // namespace relay::scrub_rules
