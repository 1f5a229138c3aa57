#include "scrub_rules/cell_literal.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "action_tester.h"
#include "declared_column.h"
#include "relay/sql/string_literal.h"
#include "scrub_rules/received_value.h"
#include "sent_value.h"

namespace relay::scrub_rules {
namespace {

using testing::cell_of;
using testing::column_of;
using testing::literal_of;
using testing::unquoted;

std::string literal(const std::string& declared, std::string_view value) {
  const auto column = column_of(declared);
  return literal_of(column.traits, cell_of(column.traits, value));
}

// Of the cell that a server's value makes; "error" where it makes none.
std::string received(const std::string& declared, std::string_view value) {
  const auto column = column_of(declared);
  base::Buffer cell;
  if (!encode_received(column.traits, value, cell)) return "error";
  return literal_of(column.traits, cell.view().text());
}

TEST_CASE("cell_literal: numbers, to their ends", "[scrub_rules]") {
  CHECK(literal("tinyint", "-128") == "-128");
  CHECK(literal("tinyint unsigned", "255") == "255");
  CHECK(literal("mediumint", "-1") == "-1");
  CHECK(literal("bigint", "-9223372036854775808") == "-9223372036854775808");
  CHECK(literal("bigint unsigned", "18446744073709551615") == "18446744073709551615");
  CHECK(literal("bit(64)", "18446744073709551615") == "18446744073709551615");
  CHECK(literal("year", "0") == "0");
  CHECK(literal("year", "2155") == "2155");
  CHECK(literal("decimal(5,5)", "-0.00001") == "-0.00001");
  CHECK(literal("decimal(5,0)", "0") == "0");
  CHECK(literal("decimal(18,9)", "-12.5") == "-12.500000000");
  CHECK(literal("decimal(40,10)", "-12.5") == "-12.5000000000");
  CHECK(literal("decimal(30,30)", "0.5") == "0.5" + std::string(29, '0'));
  CHECK(literal("decimal(30)", "7") == "7");
  CHECK(literal("enum('a','b')", "b") == "2");
  CHECK(literal("set('a','b')", "a,b") == "3");
}

TEST_CASE("cell_literal: floating numbers come back to the bit", "[scrub_rules]") {
  CHECK(literal("double", "-0.0") == "'-0'");
  CHECK(literal("double", "5e-324") == "'5e-324'");
  std::mt19937_64 random(6);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    for (const char* declared : {"float", "double"}) {
      const auto column = column_of(declared);
      const std::size_t size = column.traits.type.metadata;
      const std::string_view cell(reinterpret_cast<const char*>(&bits), size);
      const std::string made = literal_of(column.traits, cell);
      if (made.starts_with("error")) continue;  // no number
      // As a server reads it: a double, then a float.
      const double number = std::strtod(unquoted(made).c_str(), nullptr);
      const auto single = static_cast<float>(number);
      CHECK(std::memcmp(size == 4 ? static_cast<const void*>(&single) : &number, cell.data(), size) == 0);
    }
  }
  CHECK(literal_of(column_of("double").traits, std::string_view("\0\0\0\0\0\0\xf0\x7f", 8)).starts_with("error"));
}

TEST_CASE("cell_literal: dates and times in every format, with their fractions", "[scrub_rules]") {
  CHECK(literal("date", "9999-12-31") == "'9999-12-31'");
  CHECK(literal("date", "0000-00-00") == "'0000-00-00'");
  CHECK(literal("time", "-838:59:59") == "'-838:59:59'");
  CHECK(literal("time(3)", "-00:00:00.5") == "'-00:00:00.500'");
  CHECK(literal("datetime(5)", "2024-02-29 23:59:59.99999") == "'2024-02-29 23:59:59.99999'");
  CHECK(literal("datetime(6) old", "2024-02-29 23:59:59.999999") == "'2024-02-29 23:59:59.999999'");
  CHECK(literal("datetime old", "1000-01-01 01:02:03") == "'1000-01-01 01:02:03'");
  CHECK(literal("timestamp(1)", "2038-01-19 03:14:07.9") == "'2038-01-19 03:14:07.9'");
  CHECK(literal("timestamp(4) old", "1970-01-01 00:00:01.0001") == "'1970-01-01 00:00:01.0001'");
  CHECK(literal("timestamp", "0000-00-00") == "'0000-00-00 00:00:00'");
  // What no rule may say, and a table may hold.
  CHECK(received("date", "2024-02-31") == "'2024-02-31'");
  CHECK(received("datetime(2)", "2024-00-00 00:00:01.10") == "'2024-00-00 00:00:01.10'");
  CHECK(received("timestamp", "2106-02-07 06:28:15") == "'2106-02-07 06:28:15'");
  CHECK(received("timestamp(6)", "1970-01-01 00:00:00.000001") == "'1970-01-01 00:00:00.000001'");
  CHECK(received("timestamp", "2106-02-07 06:28:16") == "error");
  CHECK(received("date", "2024-13-01") == "error");
}

TEST_CASE("cell_literal: texts and bytes", "[scrub_rules]") {
  CHECK(literal("varchar(9)", "it's") == "'it\\'s'");
  CHECK(literal("blob", "0x00275c0a0d1a22ff") == "'\\0\\'\\\\\\n\\r\\Z\"\xff'");
  CHECK(literal("varchar(9) utf16", "a") == std::string_view("'\\0a'"));
  CHECK(literal("json", R"({"a":[1,-1.5,true,null,"\"\\"],"b":18446744073709551615,"c":1.0})") ==
        R"(_utf8mb4'{"a":[1,-1.5,true,null,"\\"\\\\"],"b":18446744073709551615,"c":1.0}')");
  CHECK(literal("uuid", "123e4567-e89b-12d3-a456-426655440000").starts_with("_binary'\x12>Eg"));
  CHECK(literal("inet4", "10.0.0.0") == "_binary'\\n\\0\\0\\0'");
  auto compressed = column_of("varchar(9)").traits;
  compressed.type.code = binlog::TypeCode::varchar_compressed;
  CHECK(literal_of(compressed, std::string_view("\x03\0ab", 4)) == "'ab'");
  CHECK(literal_of(compressed, std::string_view("\x03\x81zz", 4)).starts_with("error"));
  CHECK(literal_of(column_of("int").traits, "123").starts_with("error"));
}

// An opaque DECIMAL (type 246) within a document has no text that would make it again.
TEST_CASE("cell_literal: what JSON text cannot say is refused", "[scrub_rules]") {
  const std::string document("\x04\0\0\0\x0f\xf6\x01\x80", 8);
  CHECK(literal_of(column_of("json").traits, document).starts_with("error: a JSON document holds a value"));
}

TEST_CASE("string_literal: every byte at every place comes back", "[scrub_rules]") {
  for (std::size_t size : {0, 1, 7, 8, 9, 15, 17}) {
    for (std::size_t at = 0; at < std::max<std::size_t>(1, size); ++at) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        if (size > 0) text[at] = static_cast<char>(byte);
        base::Buffer into;
        sql::append_string_literal(base::ByteView::of(text), into);
        const std::string_view made = into.view().text();
        REQUIRE(unquoted(made) == text);
        REQUIRE(made.find_first_of(std::string_view("\0\n\r\x1a", 4)) == std::string_view::npos);
      }
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
