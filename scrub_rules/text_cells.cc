#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>

#include "relay/sql/character_set.h"
#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/single_byte_set.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

struct IconvName {
  std::string_view character_set;
  const char* name;
  bool ascii_superset = true;
};

// The servers' sets by the names of iconv. Not here: geostd8, keybcs2 and swe7, which it does not have, and latin1,
// whose five odd characters it has otherwise.
constexpr auto kIconvNames = std::to_array<IconvName>({
    {"armscii8", "ARMSCII-8"},
    {"big5", "BIG5"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"cp866", "CP866"},
    {"cp932", "CP932"},
    {"dec8", "DEC-MCS"},
    {"eucjpms", "EUC-JP-MS"},
    {"euckr", "UHC"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB2312"},
    {"gbk", "GBK"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"hp8", "HP-ROMAN8"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"latin2", "ISO-8859-2"},
    {"latin5", "ISO-8859-9"},
    {"latin7", "ISO-8859-13"},
    {"macce", "MAC-CENTRALEUROPE"},
    {"macroman", "MACINTOSH"},
    {"sjis", "SJIS"},
    {"tis620", "TIS-620"},
    {"ucs2", "UCS-2BE", false},
    {"ujis", "EUC-JP"},
    {"utf16", "UTF-16BE", false},
    {"utf16le", "UTF-16LE", false},
    {"utf32", "UTF-32BE", false},
});

tl::unexpected<Error> not_in_set() {
  return base::fail(Error(ErrorKind::configuration, "the constant has a character that the column's set has not")
                        .remedy("use ASCII characters alone"));
}

tl::unexpected<Error> no_converter() {
  return base::fail(Error(ErrorKind::configuration, "this system cannot convert to the column's character set")
                        .remedy("use ASCII characters alone, or install the system's gconv modules"));
}

tl::unexpected<Error> too_long() {
  return base::fail(
      Error(ErrorKind::configuration, "the constant is longer than the column").remedy("write a shorter value"));
}

class Converter {
 public:
  explicit Converter(const char* name) : handle_(iconv_open(name, "UTF-8")) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (usable()) iconv_close(handle_);
  }
  [[nodiscard]] bool usable() const { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

  // The text in the other set; nothing when a character is not in it, be it by a look-alike.
  [[nodiscard]] std::optional<std::string> convert(std::string_view utf8) {
    std::string input(utf8);
    // No set takes more than eight bytes a byte of UTF-8.
    std::string output(input.size() * 8 + 16, '\0');
    char* from = input.data();
    char* to = output.data();
    std::size_t left = input.size();
    std::size_t room = output.size();
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    if (iconv(handle_, &from, &left, &to, &room) != 0 || left != 0) return std::nullopt;
    output.resize(output.size() - room);
    return output;
  }

 private:
  iconv_t handle_;
};

// ASCII passes as it is: some sets of iconv have another sign for a back-slash or a tilde, the servers do not.
base::Result<std::string> convert_superset(Converter& converter, std::string_view utf8) {
  std::string converted;
  for (std::size_t at = 0; at < utf8.size();) {
    const bool ascii = static_cast<unsigned char>(utf8[at]) < 0x80;
    std::size_t end = at;
    while (end < utf8.size() && (static_cast<unsigned char>(utf8[end]) < 0x80) == ascii) ++end;
    const std::string_view run = utf8.substr(at, end - at);
    at = end;
    if (ascii) {
      converted += run;
      continue;
    }
    const std::optional<std::string> other = converter.convert(run);
    if (!other || other->empty() || static_cast<unsigned char>(other->front()) < 0x80) return not_in_set();
    converted += *other;
  }
  return converted;
}

bool has_four_byte_character(std::string_view utf8) {
  return std::ranges::any_of(utf8, [](char c) { return static_cast<unsigned char>(c) >= 0xf0; });
}

std::optional<std::uint64_t> parse_index(std::string_view value) {
  std::uint64_t index = 0;
  const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), index);
  if (error != std::errc() || stopped != value.data() + value.size()) return std::nullopt;
  return index;
}

// Position from 0; an exact spelling wins over one that differs in case.
std::optional<std::size_t> find_member(const std::vector<std::string>& members, std::string_view value) {
  auto found = std::ranges::find(members, value);
  if (found == members.end()) {
    found = std::ranges::find_if(members, [&](const std::string& member) { return sql::equal_names(member, value); });
  }
  if (found == members.end()) return std::nullopt;
  return static_cast<std::size_t>(found - members.begin());
}

tl::unexpected<Error> no_member() {
  return base::fail(Error(ErrorKind::configuration, "the constant is no member of the column's type")
                        .remedy("write a member as the table declares it, or its number"));
}

}  // namespace

const char* iconv_name_of(std::string_view character_set) {
  const auto* found = std::ranges::find(kIconvNames, character_set, &IconvName::character_set);
  return found == kIconvNames.end() ? nullptr : found->name;
}

base::Result<std::size_t> count_characters(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); ++count) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    bool good = (lead < 0x80 || (lead >= 0xc2 && lead < 0xf5)) && size <= utf8.size() - at;
    for (std::size_t i = 1; good && i < size; ++i) good = (static_cast<unsigned char>(utf8[at + i]) & 0xc0U) == 0x80U;
    if (good && size > 2) {
      const auto second = static_cast<unsigned char>(utf8[at + 1]);
      const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
      const bool surrogate_or_large = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
      good = !overlong && !surrogate_or_large;
    }
    if (!good) return base::fail(ErrorKind::configuration, "the constant is not well-formed UTF-8");
    at += size;
  }
  return count;
}

base::Result<std::string> convert_text(std::string_view utf8, std::string_view character_set) {
  RELAY_TRY(count_characters(utf8));
  const bool ascii = sql::is_ascii(utf8);
  if (character_set == "utf8mb4" || character_set == "binary") return std::string(utf8);
  if (character_set == "utf8mb3") {
    if (has_four_byte_character(utf8)) return not_in_set();
    return std::string(utf8);
  }
  if (character_set == "latin1") {
    std::optional<std::string> text = sql::utf8_to_latin1(utf8);
    if (!text) return not_in_set();
    return std::move(*text);
  }
  const auto* found = std::ranges::find(kIconvNames, character_set, &IconvName::character_set);
  const bool superset = character_set != "swe7" && (found == kIconvNames.end() || found->ascii_superset);
  if (ascii && superset) return std::string(utf8);
  if (character_set == "ascii") return not_in_set();
  if (SingleByteSet::has(character_set)) {
    const std::optional<SingleByteSet> set = SingleByteSet::make(character_set);
    if (!set) return no_converter();
    std::optional<std::string> text = set->from_utf8(utf8);
    if (!text) return not_in_set();
    return std::move(*text);
  }
  if (found == kIconvNames.end()) {
    return base::fail(Error(ErrorKind::configuration, "the column's character set is not known here")
                          .remedy("use ASCII characters alone"));
  }
  Converter converter(found->name);
  if (!converter.usable()) return no_converter();
  if (superset) return convert_superset(converter, utf8);
  std::optional<std::string> text = converter.convert(utf8);
  if (!text) return not_in_set();
  return std::move(*text);
}

base::Result<std::string> encode_text(const ColumnTraits& column, std::string_view value) {
  const bool fixed = column.type.code == binlog::TypeCode::string;
  const bool compressed = column.type.code == binlog::TypeCode::varchar_compressed;
  const bool limited = fixed || compressed || column.type.code == binlog::TypeCode::varchar ||
                       column.type.code == binlog::TypeCode::var_string;
  // CHAR comes without the spaces that pad it.
  if (fixed) value = value.substr(0, value.find_last_not_of(' ') + 1);
  RELAY_ASSIGN(const std::size_t characters, count_characters(value));
  std::optional<std::size_t> maximum = column.length;
  const unsigned bytes_each = maximum_character_bytes(column.character_set);
  if (!maximum && bytes_each > 0) maximum = (column.type.metadata - (compressed ? 1U : 0U)) / bytes_each;
  if (limited && maximum && characters > *maximum) return too_long();
  return convert_text(value, column.character_set);
}

base::Result<std::string> encode_enum(const ColumnTraits& column, std::string_view value) {
  std::uint64_t index = 0;
  if (const std::optional<std::size_t> member = find_member(column.members, value)) {
    index = *member + 1;
  } else {
    index = parse_index(value).value_or(0);
    if (index == 0 || (!column.members.empty() && index > column.members.size())) return no_member();
  }
  if (index >> (8 * column.type.metadata) != 0) return no_member();
  std::string cell;
  append_little_endian(cell, index, column.type.metadata);
  return cell;
}

base::Result<std::string> encode_set(const ColumnTraits& column, std::string_view value) {
  const std::size_t known = column.members.empty() ? std::size_t{8} * column.type.metadata : column.members.size();
  std::uint64_t bits = 0;
  bool members = true;
  for (std::string_view rest = value; members && !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::optional<std::size_t> member = find_member(column.members, rest.substr(0, comma));
    members = member && *member < 64;
    if (members) bits |= std::uint64_t{1} << *member;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (!members) {
    const std::optional<std::uint64_t> number = parse_index(value);
    if (!number || (known < 64 && *number >> known != 0)) return no_member();
    bits = *number;
  }
  std::string cell;
  append_little_endian(cell, bits, column.type.metadata);
  return cell;
}

}  // namespace relay::scrub_rules
