#include "scrub_rules/text_reader.h"

#include <iconv.h>

#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/utf8.h"
#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;

bool in(std::uint8_t byte, unsigned first, unsigned last) { return byte >= first && byte <= last; }

std::size_t utf8_size(ByteView bytes, std::size_t most) {
  const std::uint8_t lead = bytes[0];
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || size > most || size > bytes.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[i] & 0xc0U) != 0x80U) return 0;
  }
  if (lead == 0xe0 && bytes[1] < 0xa0) return 0;
  if (lead == 0xed && bytes[1] >= 0xa0) return 0;
  if (lead == 0xf0 && bytes[1] < 0x90) return 0;
  if (lead == 0xf4 && bytes[1] >= 0x90) return 0;
  return size;
}

// `high` is the byte of a UTF-16 unit that tells surrogates: the first, or the second where they are little-endian.
std::size_t utf16_size(ByteView bytes, std::size_t high) {
  if (bytes.size() < 2) return 0;
  if (in(bytes[high], 0xdc, 0xdf)) return 0;
  if (!in(bytes[high], 0xd8, 0xdb)) return 2;
  return bytes.size() >= 4 && in(bytes[2 + high], 0xdc, 0xdf) ? 4 : 0;
}

std::size_t gb18030_size(ByteView bytes) {
  if (!in(bytes[0], 0x81, 0xfe) || bytes.size() < 2) return 0;
  if (in(bytes[1], 0x40, 0x7e) || in(bytes[1], 0x80, 0xfe)) return 2;
  const bool four =
      in(bytes[1], 0x30, 0x39) && bytes.size() >= 4 && in(bytes[2], 0x81, 0xfe) && in(bytes[3], 0x30, 0x39);
  return four ? 4 : 0;
}

// strings/ctype-ujis.c: two bytes, half-width katakana behind 0x8e, three bytes behind 0x8f.
std::size_t ujis_size(ByteView bytes) {
  if (bytes.size() >= 2 && bytes[0] == 0x8e && in(bytes[1], 0xa0, 0xdf)) return 2;
  if (bytes.size() >= 3 && bytes[0] == 0x8f && in(bytes[1], 0xa1, 0xfe) && in(bytes[2], 0xa1, 0xfe)) return 3;
  return bytes.size() >= 2 && in(bytes[0], 0xa1, 0xfe) && in(bytes[1], 0xa1, 0xfe) ? 2 : 0;
}

// Two-byte sets, as ismbchar_* of strings/ctype-*.c.
bool is_pair(std::string_view set, std::uint8_t first, std::uint8_t second) {
  if (set == "sjis") {
    return (in(first, 0x81, 0x9f) || in(first, 0xe0, 0xfc)) && (in(second, 0x40, 0x7e) || in(second, 0x80, 0xfc));
  }
  if (set == "euckr") {
    return in(first, 0x81, 0xfe) && (in(second, 0x41, 0x5a) || in(second, 0x61, 0x7a) || in(second, 0x81, 0xfe));
  }
  if (set == "gb2312") return in(first, 0xa1, 0xf7) && in(second, 0xa1, 0xfe);
  if (set == "gbk") return in(first, 0x81, 0xfe) && (in(second, 0x40, 0x7e) || in(second, 0x80, 0xfe));
  return in(first, 0xa1, 0xf9) && (in(second, 0x40, 0x7e) || in(second, 0xa1, 0xfe));  // big5
}

std::size_t pair_size(std::string_view set, ByteView bytes) {
  return bytes.size() >= 2 && is_pair(set, bytes[0], bytes[1]) ? 2 : 0;
}

// The character where the servers have another one than iconv (strings/ctype-sjis.cc, ctype-ujis.cc); 0: UTF-8 does not
// come back to it.
std::optional<std::uint32_t> servers_letter(std::string_view set, ByteView character) {
  const std::uint8_t first = character[0];
  if (set == "sjis") {
    if (first == '\\') return 0;
    if (first == '~') return first;
    if (first == 0x81 && character[1] == 0x5f) return '\\';
  }
  // Ten rows of 94 characters that users define, of two bytes, and ten of three.
  constexpr std::uint8_t kFirstRow = 0xf5;
  const std::size_t at = first == 0x8f ? 1 : 0;
  if (set != "ujis" || first < 0x8f || character[at] < kFirstRow) return std::nullopt;
  return 0xe000 + (at * 10 + character[at] - kFirstRow) * 94 + character[at + 1] - 0xa1;
}

}  // namespace

// From the set to UTF-8 and back.
struct TextReader::Converters {
  Converters(const char* name)  // NOLINT(google-explicit-constructor)
      : there(iconv_open("UTF-8", name)), back(iconv_open(name, "UTF-8")) {}
  Converters(const Converters&) = delete;
  Converters& operator=(const Converters&) = delete;
  ~Converters() {
    if (usable(there)) iconv_close(there);
    if (usable(back)) iconv_close(back);
  }
  static bool usable(iconv_t handle) { return reinterpret_cast<std::intptr_t>(handle) != -1; }
  // False where a character has no counterpart.
  static bool run(iconv_t handle, std::string_view text, std::string& into) {
    into.resize(text.size() * 8 + 16);
    char* from = const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): iconv only reads
    char* to = into.data();
    std::size_t left = text.size();
    std::size_t room = into.size();
    iconv(handle, nullptr, nullptr, nullptr, nullptr);
    if (iconv(handle, &from, &left, &to, &room) != 0 || left != 0) return false;
    into.resize(into.size() - room);
    return true;
  }
  iconv_t there;
  iconv_t back;
  std::string converted;
  std::string again;
};

TextReader::TextReader() = default;
TextReader::~TextReader() = default;
TextReader::TextReader(TextReader&&) noexcept = default;
TextReader& TextReader::operator=(TextReader&&) noexcept = default;

base::Result<TextReader> TextReader::make(std::string_view character_set) {
  TextReader reader;
  reader.name_ = sql::canonical_character_set(character_set);
  const std::string& name = reader.name_;
  if (!sql::is_character_set(name) || name == "binary") {
    return base::fail(Error(ErrorKind::configuration, "the column's character set is not known")
                          .remedy("keep or drop the column, or let the relay read the source's schema again"));
  }
  struct Known {
    std::string_view name;
    Family family;
    std::size_t ascii_size;
  };
  static constexpr auto kFamilies = std::to_array<Known>({{"utf8mb3", Family::utf8mb3, 1},
                                                          {"utf8mb4", Family::utf8mb4, 1},
                                                          {"ucs2", Family::ucs2, 2},
                                                          {"utf16", Family::utf16, 2},
                                                          {"utf16le", Family::utf16le, 2},
                                                          {"utf32", Family::utf32, 4},
                                                          {"sjis", Family::sjis, 1},
                                                          {"cp932", Family::sjis, 1},
                                                          {"euckr", Family::euckr, 1},
                                                          {"gb2312", Family::gb2312, 1},
                                                          {"gbk", Family::gbk, 1},
                                                          {"big5", Family::big5, 1},
                                                          {"ujis", Family::ujis, 1},
                                                          {"eucjpms", Family::ujis, 1},
                                                          {"gb18030", Family::gb18030, 1}});
  if (const auto* known = std::ranges::find(kFamilies, name, &Known::name); known != kFamilies.end()) {
    reader.family_ = known->family;
    reader.ascii_size_ = known->ascii_size;
  }
  reader.ascii_superset_ = reader.ascii_size_ == 1 && name != "swe7";
  reader.utf8_ = reader.family_ == Family::utf8mb3 || reader.family_ == Family::utf8mb4;
  reader.latin1_ = name == "latin1";
  reader.ascii_only_ = name == "ascii";
  if (reader.utf8_ || reader.latin1_ || reader.ascii_only_) return reader;
  if (SingleByteSet::has(name)) {
    reader.single_ = SingleByteSet::make(name);
    if (reader.single_) return reader;
  } else if (const char* const iconv_name = iconv_name_of(name)) {
    reader.converters_ = std::make_unique<Converters>(iconv_name);
    if (Converters::usable(reader.converters_->there) && Converters::usable(reader.converters_->back)) return reader;
  }
  return base::fail(Error(ErrorKind::configuration, "this system cannot convert from the column's character set")
                        .remedy("install the system's gconv modules (Debian: libc-bin, libc6)"));
}

std::size_t TextReader::character_size(ByteView bytes) const {
  if (bytes.empty()) return 0;
  switch (family_) {
    case Family::single:
      return 1;
    case Family::utf8mb3:
      return utf8_size(bytes, 3);
    case Family::utf8mb4:
      return utf8_size(bytes, 4);
    case Family::ucs2:
      return bytes.size() >= 2 ? 2 : 0;
    case Family::utf16:
      return utf16_size(bytes, 0);
    case Family::utf16le:
      return utf16_size(bytes, 1);
    case Family::utf32:
      return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] <= 0x10 ? 4 : 0;
    default:
      break;
  }
  if (bytes[0] < 0x80) return 1;
  switch (family_) {
    case Family::sjis:
      return in(bytes[0], 0xa1, 0xdf) ? 1 : pair_size("sjis", bytes);
    case Family::euckr:
      return pair_size("euckr", bytes);
    case Family::gb2312:
      return pair_size("gb2312", bytes);
    case Family::gbk:
      return pair_size("gbk", bytes);
    case Family::big5:
      return pair_size("big5", bytes);
    case Family::ujis:
      return ujis_size(bytes);
    default:
      return gb18030_size(bytes);
  }
}

std::optional<std::size_t> TextReader::characters(ByteView bytes) const {
  if (family_ == Family::single || (ascii_superset_ && sql::is_ascii(bytes.text()))) return bytes.size();
  constexpr std::size_t kRun = 8;
  std::size_t count = 0;
  for (; !bytes.empty(); ++count) {
    for (; ascii_superset_ && bytes.size() >= kRun && sql::is_ascii(bytes.sub(0, kRun).text()); count += kRun) {
      bytes = bytes.sub(kRun);
    }
    if (bytes.empty()) break;
    const std::size_t size = character_size(bytes);
    if (size == 0) return std::nullopt;
    bytes = bytes.sub(size);
  }
  return count;
}

std::size_t TextReader::size_of(ByteView bytes, std::size_t count) const {
  if (family_ == Family::single) return count;
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) size += character_size(bytes.sub(size));
  return size;
}

bool TextReader::well_formed(ByteView bytes) const { return characters(bytes).has_value(); }

char TextReader::ascii(ByteView character) const {
  if (character.size() != ascii_size_) return 0;
  const std::size_t at = family_ == Family::utf16le ? 0 : character.size() - 1;
  for (std::size_t i = 0; i < character.size(); ++i) {
    if (i != at && character[i] != 0) return 0;
  }
  const std::uint8_t byte = character[at];
  if (byte >= 0x80) return 0;
  // Ten places of swe7 are Swedish letters (strings/ctype-extra.cc).
  if (name_ == "swe7" && std::string_view("@[\\]^`{|}~").find(static_cast<char>(byte)) != std::string_view::npos)
    return 0;
  return static_cast<char>(byte);
}

bool TextReader::read_ascii(ByteView bytes, std::string& into) const {
  into.clear();
  if (ascii_superset_) {
    into = bytes.text();
    return sql::is_ascii(into) && into.find('\0') == std::string::npos;
  }
  if (bytes.size() % ascii_size_ != 0) return false;
  for (std::size_t at = 0; at < bytes.size(); at += ascii_size_) {
    const char c = ascii(bytes.sub(at, ascii_size_));
    if (c == 0) return false;
    into += c;
  }
  return true;
}

void TextReader::append_ascii(std::string_view text, base::Buffer& into) const {
  if (ascii_size_ == 1) {
    into.append(text);
    return;
  }
  for (const char c : text) {
    if (family_ != Family::utf16le) into.append_fill(ascii_size_ - 1, 0);
    into.append_u8(static_cast<std::uint8_t>(c));
    if (family_ == Family::utf16le) into.append_fill(1, 0);
  }
}

bool TextReader::convert(ByteView bytes, std::string& into) {
  // The servers read the sign 0x5c of sjis as a backslash, and write 0x815f for one.
  const bool two_signs = name_ == "sjis" && bytes.text().find('\\') != std::string_view::npos;
  if (ascii_superset_ && sql::is_ascii(bytes.text()) && !two_signs) {
    into.append(bytes.text());
    return true;
  }
  if (ascii_only_ || !well_formed(bytes)) return false;
  if (utf8_) {
    into.append(bytes.text());
    return true;
  }
  if (latin1_) {
    sql::append_latin1_as_utf8(bytes.text(), into);
    return true;
  }
  if (single_) return single_->append_utf8(bytes, into);
  if (family_ == Family::sjis || family_ == Family::ujis) return convert_japanese(bytes, into);
  return convert_run(bytes, into);
}

bool TextReader::convert_run(ByteView bytes, std::string& into) {
  if (bytes.empty()) return true;
  const bool same = Converters::run(converters_->there, bytes.text(), converters_->converted) &&
                    Converters::run(converters_->back, converters_->converted, converters_->again) &&
                    ByteView::of(converters_->again) == bytes;
  if (same) into.append(converters_->converted);
  return same;
}

bool TextReader::convert_japanese(ByteView bytes, std::string& into) {
  const std::size_t before = into.size();
  bool good = true;
  std::size_t run = 0;  // of characters that iconv has as the servers do
  while (good && run < bytes.size()) {
    const std::size_t size = character_size(bytes.sub(run));
    const auto letter = servers_letter(name_, bytes.sub(run, size));
    if (!letter) {
      run += size;
      continue;
    }
    good = *letter != 0 && convert_run(bytes.sub(0, run), into);
    if (good) sql::append_utf8(into, *letter);
    bytes = bytes.sub(run + size);
    run = 0;
  }
  good = good && convert_run(bytes, into);
  if (!good) into.resize(before);
  return good;
}

void TextReader::append_canonical(ByteView bytes, std::string& into) {
  if (convert(bytes, into)) return;
  into.append("\xff").append(name_).append("\xff").append(bytes.text());
}

}  // namespace relay::scrub_rules
