#include "scrub_rules/constant.h"

#include <openssl/evp.h>

#include <array>
#include <catch2/catch.hpp>

#include "declared_column.h"
#include "scrub_rules/column_type_of.h"

namespace relay::scrub_rules {
namespace {

using binlog::ColumnType;
using binlog::Flavor;
using binlog::TypeCode;
using testing::declared_column;

ColumnTraits traits_of(const std::string& declared, Flavor flavor = Flavor::mysql) {
  const sql::ColumnDefinition column = declared_column(declared);
  const auto type = column_type_of(column, flavor);
  REQUIRE(type.has_value());
  return column_traits(column, *type, flavor);
}

// The cell in hex, or "error" when it is refused.
std::string cell(const ColumnTraits& column, std::string_view value) {
  base::Buffer encoded;
  const auto done = encode_constant(column, value, encoded);
  if (done) return testing::hex(encoded.view().text());
  CHECK(encoded.size() == 0);
  CHECK(done.error().kind() == base::ErrorKind::configuration);
  return "error";
}

std::string cell(const std::string& declared, std::string_view value, Flavor flavor = Flavor::mysql) {
  return cell(traits_of(declared, flavor), value);
}

std::string zero(const ColumnTraits& column) {
  base::Buffer encoded;
  return encode_zero_value(column, encoded) ? testing::hex(encoded.view().text()) : "error";
}

struct Refused {
  const char* declared;
  const char* value;
};

TEST_CASE("constant: what does not fit its column is refused", "[scrub_rules]") {
  const std::vector<Refused> cases = {
      {"tinyint", "128"},
      {"tinyint", "-129"},
      {"tinyint unsigned", "-1"},
      {"tinyint unsigned", "256"},
      {"smallint", "32768"},
      {"mediumint", "8388608"},
      {"mediumint unsigned", "16777216"},
      {"int", "2147483648"},
      {"int unsigned", "4294967296"},
      {"bigint", "9223372036854775808"},
      {"bigint unsigned", "18446744073709551616"},
      {"int", ""},
      {"int", "1.5"},
      {"int", "1 "},
      {"int", "0x"},
      {"int", "--1"},
      {"int", "TRUE"},
      {"float", "1e39"},
      {"double", "1e309"},
      {"double", "nan"},
      {"double", "inf"},
      {"double", "1,5"},
      {"double unsigned", "-1"},
      {"decimal(5,2)", "1000"},
      {"decimal(5,2)", "0.001"},
      {"decimal(5,2) unsigned", "-1"},
      {"decimal(5,2)", "."},
      {"decimal(5,2)", "1e999999999"},
      {"decimal(5,2)", "1e"},
      {"decimal(5,2)", "1.2.3"},
      {"bit(3)", "8"},
      {"bit(3)", "b'1000'"},
      {"bit(3)", "b'2'"},
      {"bit(3)", "-1"},
      {"year", "1900"},
      {"year", "2156"},
      {"year", "26"},
      {"date", "2026-02-29"},
      {"date", "2026-13-01"},
      {"date", "2026-00-01"},
      {"date", "26-01-01"},
      {"date", "2026-01-01 00:00:00"},
      {"datetime", "2026-01-01 24:00:00"},
      {"datetime", "2026-01-01 10:60:00"},
      {"datetime", "2026-01-01 10:00:00.5"},
      {"datetime(1)", "2026-01-01 10:00:00.55"},
      {"datetime", "0000-00-00 00:00:01"},
      {"datetime", "2026-01-01x"},
      {"time", "839:00:00"},
      {"time", "10"},
      {"time(6)", "838:59:59.000001"},
      {"timestamp", "1970-01-01 00:00:00"},
      {"timestamp", "2038-01-19 03:14:08"},
      {"char(3)", "abcd"},
      {"varchar(3)", "abcd"},
      {"varchar(3)", "abc "},
      {"varchar(3) charset latin1", "€uro"},
      {"varchar(9) charset latin1", "Ж"},
      {"varchar(9) charset utf8mb3", "😀"},
      {"varchar(9) charset ucs2", "😀"},
      {"varchar(9) charset ascii", "å"},
      {"varchar(9) charset sjis", "¥"},
      {"varchar(9)", "\xff"},
      {"varchar(9)", "\xc0\x80"},
      {"varchar(9)", "\xed\xa0\x80"},
      {"varchar(9)", "\xf4\x90\x80\x80"},
      {"varchar(9)", "\xe2\x82"},
      {"binary(2)", "abc"},
      {"varbinary(2)", "0x616263"},
      {"varbinary(2)", "0x6"},
      {"varbinary(2)", "0x6g"},
      {"enum('a','b')", "c"},
      {"enum('a','b')", "3"},
      {"enum('a','b')", "0"},
      {"enum('a','b')", ""},
      {"set('a','b')", "a,c"},
      {"set('a','b')", "4"},
      {"set('a','b')", "a,,b"},
      {"json", ""},
      {"json", "abc"},
      {"json", "{\"a\":}"},
      {"json", "[1]x"},
      {"json", "\"\xff\""},
      {"vector(2)", "[1,2,3]"},
      {"vector(2)", "[]"},
      {"vector(2)", "[1,nan]"},
      {"vector(2)", "[1 2]"},
      {"vector(2)", "0x0000"},
      {"geometry", "POINT(1 2)"},
      {"geometry", "0x"},
      {"point", "0x000000000107000000ffffffff"},
      {"geometry", "0x000000000107000000ffffffff"},
      {"geometry", "0x000000000101000000000000000000f03f"},
      {"linestring", "0x000000000101000000000000000000f03f0000000000000040"},
      {"point", "0x000000000001000000000000000000f03f0000000000000040"},
      {"multipoint", "0x00000000010400000001000000010200000000000000"},
      {"point", "0x000000000101000000000000000000f03f000000000000004000"},
  };
  for (const Refused& refused : cases) {
    INFO(refused.declared << " " << refused.value);
    CHECK(cell(refused.declared, refused.value) == "error");
  }
  const std::vector<Refused> maria = {{"inet4", "1.2.3"},
                                      {"inet4", "::1"},
                                      {"inet6", "10.0.0.1"},
                                      {"uuid", "123e4567"},
                                      {"vector(3)", "[1,2]"},
                                      {"json", "{"},
                                      {"uuid", "123e4567-e89b-12d3-a456-42665544000g"},
                                      {"varchar(3) compressed", "abcd"}};
  for (const Refused& refused : maria) {
    INFO(refused.declared << " " << refused.value);
    CHECK(cell(refused.declared, refused.value, Flavor::mariadb) == "error");
  }
}

TEST_CASE("constant: no error has room for the value", "[scrub_rules]") {
  for (const char* declared :
       {"int", "decimal(3,1)", "date", "varchar(2)", "enum('a')", "json", "bit(1)", "point", "vector(2)"}) {
    base::Buffer encoded;
    const auto done = encode_constant(traits_of(declared), "CANARY", encoded);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message().find("CANARY") == std::string::npos);
  }
}

TEST_CASE("constant: numbers in other spellings", "[scrub_rules]") {
  CHECK(cell("int", "0x10") == "10000000");
  CHECK(cell("int", "+7") == "07000000");
  CHECK(cell("tinyint", "true") == "01");
  CHECK(cell("tinyint", "false") == "00");
  CHECK(cell("bit(9)", "0b101") == "0005");
  CHECK(cell("bit(9)", "256") == "0100");
  CHECK(cell("decimal(5,2)", "1.25e1") == cell("decimal(5,2)", "12.5"));
  CHECK(cell("decimal(5,2)", "1250e-2") == cell("decimal(5,2)", "12.50"));
  CHECK(cell("decimal(5,2)", "+.5") == cell("decimal(5,2)", "0.50"));
  CHECK(cell("decimal(5,2)", "-0.00") == cell("decimal(5,2)", "0"));
  CHECK(cell("decimal(5,2)", "00012") == cell("decimal(5,2)", "12"));
  CHECK(cell("double", "-0") == "0000000000000080");
}

TEST_CASE("constant: dates and times in other spellings", "[scrub_rules]") {
  CHECK(cell("datetime", "2026-11-23") == cell("datetime", "2026-11-23 00:00:00"));
  CHECK(cell("datetime(3)", "2026-11-23T04:05:06.7") == cell("datetime(3)", "2026-11-23 04:05:06.700000"));
  CHECK(cell("datetime", "0000-00-00") == "8000000000");
  CHECK(cell("timestamp", "0000-00-00 00:00:00") == "00000000");
  CHECK(cell("timestamp", "1970-01-01 00:00:01") == "00000001");
  CHECK(cell("date", "2024-02-29") == "5dd00f");
  CHECK(cell("time", "-00:00:00") == "800000");
  CHECK(cell("time", "1:2") == cell("time", "01:02:00"));
  CHECK(cell("time(6)", "838:59:59.5", Flavor::mariadb) == "b46efb07a120");
}

TEST_CASE("constant: a set that is not known takes ASCII alone", "[scrub_rules]") {
  ColumnTraits column = traits_of("varchar(3)");
  column.character_set.clear();
  CHECK(cell(column, "abc") == "03616263");
  CHECK(cell(column, "å") == "error");
  CHECK(cell(column, "abcd") == "error");
  // Without a declaration the bytes are the only limit.
  column.length.reset();
  column.declared_type.clear();
  CHECK(cell(column, "abcdabcdabcd") == "0c616263646162636461626364");
  CHECK(cell(column, "abcdabcdabcdx") == "error");
}

TEST_CASE("constant: back-slash and tilde stay themselves in East Asian sets", "[scrub_rules]") {
  for (const char* set : {"sjis", "cp932", "euckr", "gbk", "big5", "ujis", "eucjpms", "gb2312"}) {
    CHECK(cell(std::string("varchar(9) charset ") + set, "a\\~b") == "04615c7e62");
  }
}

TEST_CASE("constant: an ENUM's member wins over its number, and case is a last resort", "[scrub_rules]") {
  CHECK(cell("enum('2','1')", "1") == "02");
  CHECK(zero(traits_of("enum('2','1')")) == "01");
  CHECK(cell("enum('A','a')", "a") == "02");
  CHECK(cell("enum('Blue')", "blue") == "01");
  CHECK(cell("set('x','Y')", "y,X") == "03");
  CHECK(cell("set('1','2')", "2") == "02");
  ColumnTraits unknown = traits_of("enum('a')");
  unknown.members.clear();
  CHECK(cell(unknown, "255") == "ff");
  CHECK(cell(unknown, "256") == "error");
  CHECK(cell(unknown, "a") == "error");
}

TEST_CASE("constant: bytes are given in hex or as they are", "[scrub_rules]") {
  CHECK(cell("varbinary(5)", "0X00fF") == "0200ff");
  CHECK(cell("varbinary(5)", "ab") == "026162");
  CHECK(cell("binary(5)", "0x010000") == "0101");
  CHECK(cell("binary(5)", "0x000000") == "00");
  CHECK(cell("vector(2)", "0x0000803f00000040") == "080000000000803f00000040");
  CHECK(cell("uuid", "123E4567E89B12D3A456426655440000", Flavor::mariadb) == "0e123e4567e89b12d3a45642665544");
}

TEST_CASE("constant: the longest value of a type fits and one byte more does not", "[scrub_rules]") {
  CHECK(cell("tinytext", std::string(255, 'x')).size() == 2 * 256);
  CHECK(cell("tinytext", std::string(256, 'x')) == "error");
  CHECK(cell("text", std::string(65535, 'x')).size() == 2 * 65537);
  CHECK(cell("text", std::string(65536, 'x')) == "error");
  CHECK(cell("tinytext compressed", std::string(254, 'x'), Flavor::mariadb).size() == 2 * 256);
  CHECK(cell("tinytext compressed", std::string(255, 'x'), Flavor::mariadb) == "error");
  CHECK(cell("varchar(5)", "æøåæø").size() == 2 * 11);
}

TEST_CASE("constant: old DECIMAL and typed arrays have no values", "[scrub_rules]") {
  ColumnTraits column;
  for (const TypeCode code : {TypeCode::decimal, TypeCode::typed_array, TypeCode::null}) {
    column.type.code = code;
    base::Buffer encoded;
    CHECK_FALSE(encode_constant(column, "1", encoded).has_value());
    CHECK_FALSE(encode_zero_value(column, encoded).has_value());
    CHECK(encoded.size() == 0);
  }
}

std::string sha256(const std::string& hex_text) {
  const std::string bytes = testing::unhex(hex_text);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  REQUIRE(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return testing::hex({reinterpret_cast<const char*>(digest.data()), size});
}

// Hashes of the cells that MySQL 9.7.4 wrote for these documents, which are too long to keep whole.
TEST_CASE("constant: large JSON containers are as the server stores them", "[scrub_rules]") {
  std::string array = "[";
  for (int i = 0; i < 700; ++i) array += "\"" + std::string(100, 'x') + "\",";
  CHECK(sha256(cell("json", array + "1]")) == "b6b3c44151c66d76972025d2cb25c59b5571d3cf02aa5c7c0340f288925d91da");
  const std::string object = "{\"a\":70000,\"b\":\"" + std::string(70000, 'y') + "\",\"c\":[1,70000,\"z\"]}";
  CHECK(sha256(cell("json", object)) == "290ced5e2ca9cda5fe2165f66411465910a4526624942a36b4a46559451401fc");
  CHECK(sha256(cell("json", "\"" + std::string(200, 'y') + "\"")) ==
        "e460f58fa3c8cef86ad2954d8e0ba67079b702141dca07d8d1f38e9b4df178a0");
}

TEST_CASE("constant: JSON nests as deep as the server allows", "[scrub_rules]") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  CHECK(cell("json", nested(100)) != "error");
  CHECK(cell("json", nested(101)) == "error");
  CHECK(cell("json", nested(100000)) == "error");
}

TEST_CASE("constant: the last of equal JSON keys counts, and keys stand by length", "[scrub_rules]") {
  CHECK(cell("json", "{\"a\":1,\"a\":2}") == cell("json", "{\"a\":2}"));
  CHECK(cell("json", "{\"b\":1,\"aa\":2,\"a\":3}") == cell("json", "{\"aa\":2,\"a\":3,\"b\":1}"));
}

TEST_CASE("zero_value: every type has one, and it is a value that the type takes", "[scrub_rules]") {
  CHECK(zero(traits_of("json")) == "020000000400");
  CHECK(zero(traits_of("json", Flavor::mariadb)) == "040000006e756c6c");
  CHECK(zero(traits_of("vector(3)")) == "0c000000" + std::string(24, '0'));
  CHECK(zero(traits_of("vector(3)", Flavor::mariadb)) == "0c" + std::string(24, '0'));
  CHECK(zero(traits_of("geometry")) ==
        "0d000000"
        "00000000"
        "0107000000"
        "00000000");
  for (const char* spatial : {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
                              "multipolygon", "geometrycollection"}) {
    INFO(spatial);
    const std::string encoded = zero(traits_of(spatial));
    CHECK(cell(spatial, "0x" + encoded.substr(8)) == encoded);
  }
  CHECK(zero(traits_of("point")) ==
        "19000000"
        "00000000"
        "0101000000" +
            std::string(32, '0'));
}

TEST_CASE("zero_value: an old temporal column has the zero of its own format", "[scrub_rules]") {
  ColumnTraits column = traits_of("time(3)", Flavor::mariadb);
  column.type = {TypeCode::time, 3, 11};
  CHECK(zero(column) == "00b407a580");
  column.type = {TypeCode::datetime, 0, 12};
  CHECK(zero(column) == "0000000000000000");
  column.type = {TypeCode::timestamp, 6, 7};
  CHECK(zero(column) == "00000000000000");
}

TEST_CASE("constant: an encoded cell goes behind what the buffer holds", "[scrub_rules]") {
  base::Buffer buffer;
  buffer.append("x");
  REQUIRE(encode_constant(traits_of("int"), "1", buffer).has_value());
  CHECK(testing::hex(buffer.view().text()) == "7801000000");
}

}  // namespace
}  // namespace relay::scrub_rules
