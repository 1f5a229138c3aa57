#include "scrub_rules/cell_action.h"

#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "action_tester.h"
#include "declared_column.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {
namespace {

using testing::applied;
using testing::cell_of;
using testing::Column;
using testing::column_of;
using testing::made;
using testing::Parsed;
using testing::parsed;

TEST_CASE("cell_action: agrees with the golden vectors of every action and type", "[scrub_rules]") {
  std::ifstream file(ACTION_VECTORS);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t tab = std::min(line.find('\t', at), line.size());
      fields.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
    INFO(line);
    REQUIRE(fields.size() == 4);
    const Column column = column_of(fields[0]);
    const auto transform = made(parsed(fields[1]), column);
    const std::string before = cell_of(column.traits, fields[2]);
    const std::string after = applied(*transform, before);
    // CHAR comes without the spaces at its end; those of a VARCHAR belong to it.
    CHECK(testing::hex(after) == testing::hex(cell_of(column.traits, fields[3])));
    CHECK(applied(*transform, before) == after);
    ++count;
  }
  CHECK(count > 200);
}

TEST_CASE("cell_action: bytes that are no text of their set leave nothing of themselves", "[scrub_rules]") {
  const std::string broken = "ab\xff\xc3";
  for (const char* declared : {"varchar(20)", "varchar(20) sjis", "varchar(20) gbk", "varchar(20) ujis"}) {
    const Column column = column_of(declared);
    const std::string cell = std::string(1, static_cast<char>(broken.size())) + broken;
    for (const char* words : {"mask keep_first=2 keep_last=1", "truncate length=2", "ip", "redact", "hash key=person",
                              "digits key=person"}) {
      INFO(declared << " " << words);
      const std::string after = applied(*made(parsed(words), column), cell);
      CHECK(after.find("ab\xff") == std::string::npos);
      CHECK(after.find('\xff') == std::string::npos);
      CHECK_FALSE(after.starts_with("error"));
    }
  }
  // Three bytes are one character and a half.
  const Column wide = column_of("varchar(20) utf16");
  const std::string half("\x03\x00\x61\x00", 4);
  CHECK(testing::hex(applied(*made(parsed("mask keep_last=1"), wide), half)) == "02002a");
}

// U+3000 is 0x8140 in cp932 and sjis, 0xA1A1 in gbk: the second byte of a character may be an @. Where a part of a text
// has no form in UTF-8, its bytes were taken for an address once, and left behind the @.
TEST_CASE("cell_action: an @ that is half of a character makes no address", "[scrub_rules]") {
  const std::pair<const char*, std::string> cases[] = {
      {"varchar(60) cp932", "\xed\x95\x81\x40Kari.Nordmann"},
      {"varchar(60) sjis", "\xeb\xa1\x81\x40Kari.Nordmann"},
      {"varchar(60) gbk", "\xaa\xa1\x81\x40Kari.Nordmann"},
      {"varchar(60) ucs2", std::string("\xd8\x00\x40\x61\x72\x62\x63\x2e\x64\x65\x72\x67\x68\x67", 14)},
  };
  for (const auto& [declared, value] : cases) {
    INFO(declared);
    const std::string cell = std::string(1, static_cast<char>(value.size())) + value;
    const std::string after = applied(*made(parsed("email key=person"), column_of(declared)), cell);
    CHECK(after.find("Nordmann") == std::string::npos);
    CHECK(after.find('@') == std::string::npos);
  }
}

TEST_CASE("cell_action: texts that differ in bytes have different pseudonyms, well-formed or not", "[scrub_rules]") {
  const Column column = column_of("varchar(40)");
  const auto transform = made(parsed("hash key=person"), column);
  std::set<std::string> met;
  for (const char* text : {"", "a", "A", "a ", " a", "\xff", "\xff\xff", "\xc3", "\xc3\xa5", "a\xcc\x8a"}) {
    met.insert(applied(*transform, std::string(1, static_cast<char>(std::char_traits<char>::length(text))) + text));
  }
  CHECK(met.size() == 10);
}

TEST_CASE("cell_action: pseudonyms of numbers stay different, and in range", "[scrub_rules]") {
  for (const char* declared : {"tinyint", "tinyint unsigned", "smallint", "smallint unsigned"}) {
    for (const char* words : {"hash key=person", "hash key=person encoding=tinyint", "digits key=person"}) {
      const std::string type = declared;
      if (std::string(words).ends_with("=tinyint") && type.ends_with("unsigned")) continue;
      INFO(declared << " " << words);
      const Column column = column_of(type);
      const auto transform = made(parsed(words), column);
      const std::size_t width = type.starts_with("tiny") ? 1 : 2;
      std::set<std::string> met;
      for (std::uint32_t value = 0; value < 1U << (8 * width); ++value) {
        std::string cell;
        for (std::size_t i = 0; i < width; ++i) cell += static_cast<char>(value >> (8 * i));
        met.insert(applied(*transform, cell));
      }
      CHECK(met.size() == std::size_t{1} << (8 * width));
      CHECK(met.begin()->size() == width);
    }
  }
  const Column decimal = column_of("decimal(3,1)");
  const auto transform = made(parsed("hash key=person"), decimal);
  std::set<std::string> met;
  for (int value = -999; value <= 999; ++value) {
    const int size = std::abs(value);
    met.insert(applied(*transform, cell_of(decimal.traits, (value < 0 ? "-" : "") + std::to_string(size / 10) + "." +
                                                               std::to_string(size % 10))));
  }
  CHECK(met.size() == 1999);
}

// Eighteen digits are rounded in another way than more of them.
TEST_CASE("cell_action: a DECIMAL is rounded alike whatever its precision", "[scrub_rules]") {
  std::mt19937_64 random(7);
  for (const char* to : {"0.02", "0.5", "3", "100", "777777.77", "1000000000000000", "9999999999999999.99"}) {
    const Column narrow = column_of("decimal(18,2)"), wide = column_of("decimal(24,2)");
    const Parsed action = parsed(std::string("round to=") + to);
    const auto in_narrow = made(action, narrow), in_wide = made(action, wide);
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t size = random() % 10'000'000'000'000'000U >> random() % 50;
      std::string value = (i % 3 == 0 ? "-" : "") + std::to_string(size) + "." + std::to_string(10 + random() % 90);
      INFO(value << " to " << to);
      // Above the largest multiple only the wide one is rounded up.
      if (size > 4'000'000'000'000'000U) continue;
      DecimalDigits from_narrow, from_wide;
      REQUIRE(read_decimal(base::ByteView::of(applied(*in_narrow, cell_of(narrow.traits, value))), 18, 2, from_narrow));
      REQUIRE(read_decimal(base::ByteView::of(applied(*in_wide, cell_of(wide.traits, value))), 24, 2, from_wide));
      CHECK("000000" + from_narrow.digits == from_wide.digits);
      CHECK(from_narrow.negative == from_wide.negative);
    }
  }
}

TEST_CASE("cell_action: what does not fit a column is refused, with a remedy", "[scrub_rules]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"float", "hash key=person"},
      {"double", "hash key=person"},
      {"date", "hash key=person"},
      {"datetime", "hash key=person"},
      {"timestamp", "hash key=person"},
      {"time", "hash key=person"},
      {"year", "hash key=person"},
      {"enum('a','b')", "hash key=person"},
      {"set('a','b')", "hash key=person"},
      {"json", "hash key=person"},
      {"geometry", "hash key=person"},
      {"bit(6)", "hash key=person"},
      {"int", "hash key=person encoding=bigint"},
      {"int unsigned", "hash key=person encoding=int"},
      {"int", "hash key=person encoding=hex"},
      {"int", "hash key=person length=8"},
      {"int", "hash key=person fold=true"},
      {"decimal(10)", "hash key=person encoding=int"},
      {"varchar(5)", "hash key=person"},
      {"varchar(20)", "hash key=person length=21"},
      {"varchar(99)", "hash key=person length=52"},
      {"varchar(10)", "hash key=person encoding=int"},
      {"varchar(40) utf8mb4_general_ci", "hash key=person encoding=base64url"},
      {"varchar(40) latin1", "hash key=person fold=true"},
      {"varchar(40) latin5_turkish_ci", "hash key=person fold=true"},
      {"varchar(40) utf8mb4_bin", "hash key=person fold=true"},
      {"varchar(40) cp866_general_ci", "hash key=person fold=true"},
      {"varchar(40) latin7_general_ci", "hash key=person fold=true"},
      {"varchar(40) utf8mb4_tr_0900_ai_ci", "hash key=person fold=true"},
      {"varchar(40) utf8mb4_hu_0900_ai_ci", "hash key=person fold=true"},
      {"binary(3)", "hash key=person"},
      {"blob", "hash key=person length=33"},
      {"blob", "hash key=person encoding=hex"},
      {"int", "mask"},
      {"blob", "mask"},
      {"enum('a','b')", "mask"},
      {"varchar(4)", "mask keep_first=2 keep_last=2"},
      {"varchar(9) latin1", "mask with=☃"},
      {"varchar(9)", "mask with=ab"},
      {"text", "mask with=•"},
      {"int", "truncate length=1"},
      {"varchar(3)", "truncate length=3"},
      {"date", "date to=day"},
      {"time", "date to=day"},
      {"int", "date to=year"},
      {"varchar(20)", "date to=year"},
      {"varchar(20)", "round to=10"},
      {"int", "round to=1"},
      {"int", "round to=0"},
      {"int", "round to=0.5"},
      {"decimal(5,1)", "round to=0.05"},
      {"double", "round to=0"},
      {"date", "round to=10"},
      {"int", "ip"},
      {"smallint unsigned", "ip"},
      {"varchar(40)", "ip prefix4=32"},
      {"varchar(40)", "ip prefix6=128"},
      {"int", "email key=person"},
      {"varchar(19)", "email key=person"},
      {"varchar(5)", "digits key=person"},
      {"decimal(5)", "digits key=person"},
      {"date", "digits key=person"},
      {"int", "redact"},
      {"double", "round to=0.0000000009"},
      {"float", "round to=0.0000000001"},
      {"blob", "redact"},
      {"json", "redact"},
      {"text", "redact patterns=[\"emial\"]"},
      {"text", "redact patterns=[\"email\",\"/(/\"]"},
      {"text", "redact patterns=[\"//\"]"},
      {"text", "redact with=•"},
  };
  for (const auto& [declared, words] : cases) {
    INFO(declared << " " << words);
    const Parsed action = parsed(words);
    const Column column = column_of(declared);
    const auto transform = CellTransform::make(action.action, column.traits, column.collation, action.keys);
    REQUIRE_FALSE(transform.has_value());
    CHECK(transform.error().kind() == base::ErrorKind::configuration);
    CHECK_FALSE(transform.error().remedy().empty());
  }
}

TEST_CASE("cell_action: a key that was not fetched is refused", "[scrub_rules]") {
  const Parsed action = parsed("hash key=person");
  const Column column = column_of("int");
  const auto transform = CellTransform::make(action.action, column.traits, "", KeyRing());
  REQUIRE_FALSE(transform.has_value());
  CHECK_THAT(transform.error().message(), Catch::Contains("not fetched"));
}

TEST_CASE("cell_action: an address that fills its column gets one that fits", "[scrub_rules]") {
  const Column column = column_of("text latin1");
  const auto transform = made(parsed("email key=person"), column);
  for (const std::size_t labels : {126, 127, 32766}) {
    std::string address = "k@";
    for (std::size_t i = 0; i < labels; ++i) address += "a.";
    address += "a";
    const std::string prefix = {static_cast<char>(address.size()), static_cast<char>(address.size() >> 8)};
    const std::string after = applied(*transform, prefix + address);
    CHECK(after.size() == 2 + (labels == 126 ? 20 + address.size() - 1 : 26));
  }
}

// A text of `size` bytes with what a pattern finds in it, redacted.
std::string redacted(const std::string& pattern, const std::string& text) {
  const Column column = column_of("mediumtext");
  std::string cell = text;
  for (const int shift : {16, 8, 0}) cell.insert(cell.begin(), static_cast<char>(text.size() >> shift));
  return applied(*made(parsed("redact patterns=[\"" + pattern + "\"]"), column), cell).substr(3);
}

TEST_CASE("cell_action: addresses of IPv6 are written as the C library does", "[scrub_rules]") {
  const Column column = column_of("varchar(45)");
  const auto transform = made(parsed("ip prefix4=31 prefix6=127"), column);
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::array<std::uint8_t, 16> address{};
    // Runs of zeros wherever they may be, and small groups.
    const auto zeros = random();
    for (std::size_t i = 0; i < address.size(); ++i) {
      const bool zero = (zeros >> (i / 2) & 1U) != 0 || (i % 2 == 0 && (zeros >> (8 + i) & 1U) != 0);
      address[i] = zero ? 0 : static_cast<std::uint8_t>(random());
    }
    if (round % 5 == 0) std::fill_n(address.begin(), 10, std::uint8_t{0});
    if (round % 10 == 0) address[10] = address[11] = 0xff;
    if (address[0] == 0x20 && address[1] == 0x02) continue;  // 6to4 has less left of it
    std::array<char, INET6_ADDRSTRLEN> before{}, after{};
    REQUIRE(inet_ntop(AF_INET6, address.data(), before.data(), before.size()) != nullptr);
    address[15] &= 0xfe;
    REQUIRE(inet_ntop(AF_INET6, address.data(), after.data(), after.size()) != nullptr);
    INFO(before.data());
    REQUIRE(applied(*transform, cell_of(column.traits, before.data())) == cell_of(column.traits, after.data()));
  }
}

TEST_CASE("cell_action: an own pattern is found wherever it stands in a long text", "[scrub_rules]") {
  for (const std::size_t place : {0, 1, 2047, 2048, 2049, 4094, 4095, 4096, 6143, 6144, 9999}) {
    for (const std::size_t size : {1, 7, 2000}) {
      std::string text(12000, 'b');
      for (std::size_t i = 0; i < size; ++i) text[place + i] = 'a';
      std::string expected = text;
      std::replace(expected.begin(), expected.end(), 'a', '*');
      INFO(place << " " << size);
      CHECK(redacted("/a+/", text) == expected);
    }
  }
  CHECK(redacted("/^b/", std::string(9000, 'b')) == "*" + std::string(8999, 'b'));
  CHECK(redacted("/x*/", std::string(9000, 'b')) == std::string(9000, 'b'));
  // Looking from each match to the end of the text would take a quarter of a minute here.
  const std::string many = redacted("/a(.*x)?/", std::string(std::size_t{1} << 18, 'a'));
  CHECK(many == std::string(std::size_t{1} << 18, '*'));
}

// Whatever bytes a cell has, an action gives a cell of the column's own size, the same one each time, or an error.
TEST_CASE("cell_action: random cells give cells that fit their column", "[scrub_rules]") {
  std::mt19937 random(11);
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"varchar(40)",
       {"hash key=person", "hash key=person encoding=digits", "mask keep_last=2", "truncate length=3", "ip",
        "email key=person", "digits key=person", "redact", "redact patterns=[\"/./\"]"}},
      {"varchar(40) utf16",
       {"hash key=person", "mask keep_first=2", "truncate length=3", "ip", "email key=person", "redact",
        "redact patterns=[\"/[a-z]*/\"]"}},
      {"varchar(40) gb18030", {"hash key=person", "mask keep_first=2", "truncate length=3", "ip"}},
      {"varchar(40) cp932", {"hash key=person", "mask keep_first=2", "truncate length=3"}},
      {"tinytext",
       {"hash key=person", "mask keep_first=2", "truncate length=3", "email key=person", "digits key=person"}},
      {"char(10) utf32", {"hash key=person", "mask keep_first=2", "truncate length=3"}},
      {"binary(8)", {"hash key=person", "truncate length=3"}},
      {"binary(16)", {"ip"}},
      {"varbinary(20)", {"hash key=person", "truncate length=3", "ip"}},
      {"date", {"date to=year", "date to=month"}},
      {"datetime(4)", {"date to=year", "date to=day"}},
      {"timestamp(3)", {"date to=year", "date to=day"}},
      {"decimal(20,7)", {"hash key=person", "round to=100", "round to=0.001"}},
      {"double", {"round to=100"}},
      {"float", {"round to=0.01"}},
      {"bigint", {"hash key=person", "hash key=person encoding=int", "round to=1000", "digits key=person", "ip"}},
      {"year", {"round to=10"}},
  };
  for (const auto& [declared, actions] : cases) {
    const Column column = column_of(declared);
    const binlog::CellShape shape = binlog::cell_shape(column.traits.type).value();
    const std::uint64_t most =
        shape.prefix > 0 ? std::min<std::uint64_t>(maximum_cell_bytes(column.traits), 60) : shape.fixed;
    for (const std::string& words : actions) {
      INFO(declared << " " << words);
      const auto transform = made(parsed(words), column);
      for (int round = 0; round < 300; ++round) {
        const std::size_t size = shape.prefix > 0 ? random() % (most + 1) : most;
        std::string cell;
        for (std::size_t i = 0; i < shape.prefix; ++i) cell += static_cast<char>(size >> (8 * i));
        const bool readable = random() % 2 == 0;
        for (std::size_t i = 0; i < size; ++i)
          cell += readable ? "09@.aZ -\xe5\x00"[random() % 10] : static_cast<char>(random());
        const std::string after = applied(*transform, cell);
        if (after.starts_with("error: a DECIMAL") || after.starts_with("error: a DATETIME")) continue;
        CHECK(binlog::cell_length(column.traits.type, base::ByteView::of(after)).value_or(0) == after.size());
        CHECK(applied(*transform, cell) == after);
      }
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
