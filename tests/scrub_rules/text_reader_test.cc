#include "scrub_rules/text_reader.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "relay/sql/utf8.h"
#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {
namespace {

TextReader reader_of(std::string_view set) {
  auto reader = TextReader::make(set);
  INFO(std::string(set));
  REQUIRE(reader.has_value());
  return std::move(*reader);
}

// Every character of a text by its bytes: "1 1 2", or "broken".
std::string sizes(const TextReader& reader, std::string_view bytes) {
  std::string text;
  base::ByteView rest = base::ByteView::of(bytes);
  while (!rest.empty()) {
    const std::size_t size = reader.character_size(rest);
    if (size == 0) return "broken";
    text += (text.empty() ? "" : " ") + std::to_string(size);
    rest = rest.sub(size);
  }
  return text;
}

TEST_CASE("text_reader: characters of every set end where they do", "[scrub_rules]") {
  const std::vector<std::array<const char*, 3>> cases = {
      {"utf8mb4", "aå日😀", "1 2 3 4"}, {"utf8mb3", "aå日", "1 2 3"},     {"utf16", "aå日😀", "2 2 2 4"},
      {"utf16le", "aå日😀", "2 2 2 4"}, {"ucs2", "aå日", "2 2 2"},        {"utf32", "aå日😀", "4 4 4 4"},
      {"latin1", "aå€", "1 1 1"},      {"sjis", "aｱ日本", "1 1 2 2"},    {"cp932", "aｱ日本", "1 1 2 2"},
      {"ujis", "aｱ日本", "1 2 2 2"},   {"eucjpms", "aｱ日本", "1 2 2 2"}, {"gbk", "a日本", "1 2 2"},
      {"gb2312", "a日本", "1 2 2"},    {"gb18030", "a日😀", "1 2 4"},     {"big5", "a日本", "1 2 2"},
      {"euckr", "a한국", "1 2 2"},     {"koi8r", "aп", "1 1"},           {"tis620", "aก", "1 1"},
  };
  for (const auto& [set, text, expected] : cases) {
    INFO(set);
    TextReader reader = reader_of(set);
    const std::string stored = convert_text(text, set).value();
    CHECK(sizes(reader, stored) == expected);
    CHECK(reader.well_formed(base::ByteView::of(stored)));
    std::string canonical;
    reader.append_canonical(base::ByteView::of(stored), canonical);
    CHECK(canonical == text);
  }
}

TEST_CASE("text_reader: characters are counted wherever among ASCII they stand", "[scrub_rules]") {
  const std::vector<std::pair<const char*, std::string>> letters = {
      {"utf8mb4", "😀"}, {"utf8mb3", "å"}, {"sjis", "本"}, {"gb18030", "日"}, {"utf16le", "å"}, {"latin1", "å"}};
  for (const auto& [set, letter] : letters) {
    TextReader reader = reader_of(set);
    for (std::size_t before = 0; before < 20; ++before) {
      for (const std::size_t behind : {std::size_t{0}, std::size_t{1}, std::size_t{8}, 27 - before}) {
        INFO(set << " " << before << " " << behind);
        const std::string text = std::string(before, 'a') + letter + std::string(behind, 'b') + letter;
        const std::string stored = convert_text(text, set).value();
        CHECK(reader.characters(base::ByteView::of(stored)) == before + behind + 2);
        // But for sets of one byte, the last character is cut.
        const auto cut = reader.characters(base::ByteView::of(stored).sub(0, stored.size() - 1));
        CHECK(cut == (set == std::string_view("latin1") ? std::optional(before + behind + 1) : std::nullopt));
      }
    }
  }
}

TEST_CASE("text_reader: cut and impossible characters are none", "[scrub_rules]") {
  const std::vector<std::pair<const char*, std::string>> cases = {
      {"utf8mb4", "\xc3"},
      {"utf8mb4", "\xc0\xaf"},
      {"utf8mb4", "\xed\xa0\x80"},
      {"utf8mb4", "\xf5\x80\x80\x80"},
      {"utf8mb3", "\xf0\x9f\x98\x80"},
      {"utf16", "\xd8\x3d"},
      {"utf16", "\xde\x00"},
      {"utf16le", "\x3d\xd8"},
      {"ucs2", "a"},
      {"utf32", "\x11\x11"},
      {"sjis", "\x93"},
      {"sjis", "\x93\x20"},
      {"gbk", "\x81"},
      {"gb18030", "\x81\x30\x81"},
      {"big5", "\xa4\x20"},
      {"euckr", "\xc7"},
      {"ujis", "\x8f\xa1"},
      {"gb2312", "\xa1\x40"},
  };
  for (const auto& [set, bytes] : cases) {
    INFO(set);
    TextReader reader = reader_of(set);
    CHECK(sizes(reader, bytes) == "broken");
    CHECK_FALSE(reader.well_formed(base::ByteView::of(bytes)));
    std::string canonical;
    reader.append_canonical(base::ByteView::of(bytes), canonical);
    CHECK(canonical == "\xff" + std::string(set) + "\xff" + bytes);
  }
}

TEST_CASE("text_reader: ASCII is read and written in every set", "[scrub_rules]") {
  const std::vector<std::pair<const char*, std::string>> cases = {{"utf8mb4", "a1"},
                                                                  {"latin1", "a1"},
                                                                  {"utf16", std::string("\0a\0"
                                                                                        "1",
                                                                                        4)},
                                                                  {"utf16le", std::string("a\0"
                                                                                          "1\0",
                                                                                          4)},
                                                                  {"utf32", std::string("\0\0\0a\0\0\0"
                                                                                        "1",
                                                                                        8)},
                                                                  {"sjis", "a1"},
                                                                  {"swe7", "a1"}};
  for (const auto& [set, bytes] : cases) {
    INFO(set);
    const TextReader reader = reader_of(set);
    base::Buffer into;
    reader.append_ascii("a1", into);
    CHECK(into.view().text() == bytes);
    std::string text;
    CHECK(reader.read_ascii(into.view(), text));
    CHECK(text == "a1");
  }
  std::string text;
  CHECK_FALSE(reader_of("swe7").read_ascii(base::ByteView::of("a@b"), text));
  CHECK_FALSE(reader_of("utf8mb4").read_ascii(base::ByteView::of("å"), text));
  CHECK_FALSE(reader_of("utf16").read_ascii(base::ByteView::of("abc"), text));
}

// The characters of each byte, as servers say; none where UTF-8 does not come back to it.
struct ServerSet {
  std::string name;
  std::vector<std::optional<std::string>> letters;
};

std::vector<ServerSet> single_byte_sets() {
  std::ifstream file(SINGLE_BYTE_SETS);
  std::vector<ServerSet> sets;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    ServerSet set{line.substr(0, tab), {}};
    for (std::size_t at = tab + 1; at + 4 <= line.size(); at += 4) {
      auto& letter = set.letters.emplace_back();
      if (line[at] == '-') continue;
      letter.emplace();
      sql::append_utf8(*letter, static_cast<std::uint32_t>(std::stoul(line.substr(at, 4), nullptr, 16)));
    }
    REQUIRE(set.letters.size() == 256);
    sets.push_back(std::move(set));
  }
  return sets;
}

TEST_CASE("text_reader: each byte of a set of one byte each is the character that it is to servers", "[scrub_rules]") {
  const auto sets = single_byte_sets();
  CHECK(sets.size() == 25);
  for (const ServerSet& set : sets) {
    TextReader reader = reader_of(set.name);
    std::set<std::string> forms;
    for (std::size_t byte = 0; byte < set.letters.size(); ++byte) {
      const std::string stored(1, static_cast<char>(byte));
      const auto& letter = set.letters[byte];
      INFO(set.name << " " << byte);
      std::string canonical;
      reader.append_canonical(base::ByteView::of(stored), canonical);
      CHECK(canonical == letter.value_or("\xff" + set.name + "\xff" + stored));
      forms.insert(canonical);
      if (letter) CHECK(convert_text(*letter, set.name).value() == stored);
    }
    CHECK(forms.size() == 256);
  }
  CHECK_FALSE(convert_text("¤", "swe7").has_value());
}

TEST_CASE("text_reader: what servers and the system's converter have otherwise is as servers have it",
          "[scrub_rules]") {
  const std::vector<std::array<std::string, 3>> cases = {
      {"swe7", "Andr` \x7d$", "André å$"},
      {"euckr", "\x81\x41\xc7\xd1", "갂한"},
      {"sjis", "\x93\xfa~\x81\x5f\x93\xfa", "日~\\日"},
      {"sjis", "\x81\x5f", "\\"},
      {"sjis", "a\\",
       "\xffsjis\xff"
       "a\\"},
      {"sjis", "\x93\xfa\\", "\xffsjis\xff\x93\xfa\\"},
      {"cp932", "\x93\xfa\\\x81\x5f~", "日\\＼~"},
      {"ujis", "\xf5\xa1\xc6\xfc\xfe\xfe", "\xee\x80\x80日\xee\x8e\xab"},
      {"ujis", "\x8f\xf5\xa1\x8f\xfe\xfe~\x8e\xb1", "\xee\x8e\xac\xee\x9d\x97~ｱ"},
      {"eucjpms", "\xf5\xa1", "\xee\x80\x80"},
  };
  for (const auto& [set, bytes, text] : cases) {
    INFO(set << " " << text);
    TextReader reader = reader_of(set);
    std::string canonical;
    reader.append_canonical(base::ByteView::of(bytes), canonical);
    CHECK(canonical == text);
  }
}

TEST_CASE("text_reader: sets that are not known are refused", "[scrub_rules]") {
  CHECK_FALSE(TextReader::make("").has_value());
  CHECK_FALSE(TextReader::make("binary").has_value());
  CHECK_FALSE(TextReader::make("klingon").has_value());
}

}  // namespace
}  // namespace relay::scrub_rules
