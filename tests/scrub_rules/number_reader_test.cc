#include "scrub_rules/number_reader.h"

#include <catch2/catch.hpp>

#include "declared_column.h"
#include "scrub_rules/column_type_of.h"

namespace relay::scrub_rules {
namespace {

TEST_CASE("number_reader: DECIMAL cells of every precision are read and written again", "[scrub_rules]") {
  struct Case {
    const char* declared;
    const char* value;
    const char* digits;
  };
  for (const Case& each :
       {Case{"decimal(5,2)", "123.45", "12345"}, Case{"decimal(5,2)", "-0.01", "00001"},
        Case{"decimal(10)", "1234567890", "1234567890"}, Case{"decimal(10)", "-5", "0000000005"},
        Case{"decimal(20,10)", "-1234567890.0123456789", "12345678900123456789"}, Case{"decimal(1,1)", "0.7", "7"},
        Case{"decimal(18,4)", "-99999999999999.9999", "999999999999999999"},
        Case{"decimal(30,9)", "5.5", "000000000000000000005500000000"}}) {
    INFO(each.declared << " " << each.value);
    const sql::ColumnDefinition column = testing::declared_column(each.declared);
    const auto type = column_type_of(column, binlog::Flavor::mysql).value();
    base::Buffer cell;
    REQUIRE(encode_constant(column_traits(column, type, binlog::Flavor::mysql), each.value, cell).has_value());
    DecimalDigits number;
    const std::size_t scale = type.metadata >> 8U;
    REQUIRE(read_decimal(cell.view(), type.metadata & 0xffU, scale, number).has_value());
    CHECK(number.digits == each.digits);
    CHECK(number.negative == (each.value[0] == '-'));
    base::Buffer again;
    append_decimal(number, scale, again);
    CHECK(again.view() == cell.view());
    const std::size_t precision = type.metadata & 0xffU;
    if (precision > kDigitsOfWord) continue;
    const auto word = read_decimal_word(cell.view(), precision, scale);
    REQUIRE(word.has_value());
    CHECK(word->units == std::stoull(each.digits));
    CHECK(word->negative == number.negative);
    again.clear();
    append_decimal_word(*word, precision, scale, again);
    CHECK(again.view() == cell.view());
  }
}

TEST_CASE("number_reader: minus zero is written as zero, and what is no number is malformed", "[scrub_rules]") {
  base::Buffer zero;
  base::Buffer minus;
  append_decimal({false, "00000"}, 2, zero);
  append_decimal({true, "00000"}, 2, minus);
  CHECK(zero.view() == minus.view());
  minus.clear();
  append_decimal_word({true, 0}, 5, 2, minus);
  CHECK(zero.view() == minus.view());
  DecimalDigits number;
  for (const std::string_view cell : {"\x84\xff", "\x80", "\x80\x01\x01", ""}) {
    CHECK_FALSE(read_decimal(base::ByteView::of(cell), 3, 0, number).has_value());
    CHECK_FALSE(read_decimal_word(base::ByteView::of(cell), 3, 0).has_value());
  }
  CHECK(read_decimal(base::ByteView::of("\x83\xe7"), 3, 0, number).has_value());
  CHECK(number.digits == "999");
}

TEST_CASE("number_reader: integers are read in both orders", "[scrub_rules]") {
  CHECK(read_little_endian(base::ByteView::of("\x01\x02")) == 0x201);
  CHECK(read_big_endian(base::ByteView::of("\x01\x02")) == 0x102);
}

}  // namespace
}  // namespace relay::scrub_rules
