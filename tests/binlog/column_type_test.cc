#include "relay/binlog/column_type.h"

#include <catch2/catch.hpp>
#include <vector>

namespace relay::binlog {

namespace {

base::Result<ColumnType> decoded(std::uint8_t code, std::vector<std::uint8_t> raw) {
  return decode_column_type(code, {raw.data(), raw.size()});
}

// Length of a cell of the type in a long run of zeros.
std::size_t length(std::uint8_t code, std::vector<std::uint8_t> raw) {
  const auto type = decoded(code, std::move(raw));
  REQUIRE(type);
  const std::vector<std::uint8_t> zeros(64, 0);
  const auto found = cell_length(*type, {zeros.data(), zeros.size()});
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("column_type: cells of fixed length", "[binlog]") {
  struct Case {
    std::uint8_t code;
    std::vector<std::uint8_t> raw;
    std::size_t length;
  };
  for (const Case& one : std::vector<Case>{
           {1, {}, 1},          {13, {}, 1},         {2, {}, 2},          {9, {}, 3},          {3, {}, 4},
           {8, {}, 8},          {4, {4}, 4},         {5, {8}, 8},         {10, {}, 3},         {246, {10, 4}, 5},
           {246, {65, 30}, 30}, {246, {9, 0}, 4},    {246, {9, 9}, 4},    {246, {1, 0}, 1},    {246, {18, 9}, 8},
           {16, {1, 0}, 1},     {16, {0, 1}, 1},     {16, {1, 2}, 3},     {16, {0, 8}, 8},     {17, {0}, 4},
           {17, {2}, 5},        {17, {6}, 7},        {18, {0}, 5},        {18, {3}, 7},        {18, {6}, 8},
           {19, {0}, 3},        {19, {3}, 5},        {19, {6}, 6},        {7, {}, 4},          {11, {}, 3},
           {12, {}, 8},         {254, {0xf7, 1}, 1}, {254, {0xf7, 2}, 2}, {254, {0xf8, 8}, 8}, {247, {0xf7, 2}, 2}}) {
    INFO(int{one.code} << " wanted " << one.length);
    CHECK(length(one.code, one.raw) == one.length);
  }
}

TEST_CASE("column_type: temporal types by fractional digits, MariaDB's old ones too", "[binlog]") {
  const std::uint8_t zeros[16] = {};
  const auto length_of = [&](TypeCode code, std::uint16_t digits) {
    return *cell_length({code, digits, static_cast<std::uint8_t>(code)}, {zeros, sizeof zeros});
  };
  constexpr std::size_t kTime[] = {3, 4, 4, 5, 5, 5, 6}, kDatetime[] = {8, 6, 6, 7, 7, 7, 8},
                        kTimestamp[] = {4, 5, 5, 6, 6, 7, 7};
  for (std::uint16_t digits = 0; digits <= 6; ++digits) {
    CHECK(length_of(TypeCode::time, digits) == kTime[digits]);
    CHECK(length_of(TypeCode::datetime, digits) == kDatetime[digits]);
    CHECK(length_of(TypeCode::timestamp, digits) == kTimestamp[digits]);
    const std::size_t fraction = (digits + 1U) / 2;
    CHECK(length_of(TypeCode::time2, digits) == 3 + fraction);
    CHECK(length_of(TypeCode::datetime2, digits) == 5 + fraction);
    CHECK(length_of(TypeCode::timestamp2, digits) == 4 + fraction);
  }
}

TEST_CASE("column_type: cells with a length in front", "[binlog]") {
  struct Case {
    std::uint8_t code;
    std::vector<std::uint8_t> raw;
    std::size_t prefix;
  };
  for (const Case& one : std::vector<Case>{{15, {255, 0}, 1},
                                           {15, {0, 1}, 2},
                                           {253, {20, 0}, 1},
                                           {141, {0x91, 1}, 2},
                                           {254, {0xfe, 10}, 1},
                                           {254, {0xee, 0x90}, 2},
                                           {252, {1}, 1},
                                           {252, {2}, 2},
                                           {252, {3}, 3},
                                           {252, {4}, 4},
                                           {140, {2}, 2},
                                           {245, {4}, 4},
                                           {255, {4}, 4},
                                           {242, {4}, 4}}) {
    INFO(int{one.code} << " prefix " << one.prefix);
    const auto type = decoded(one.code, one.raw);
    REQUIRE(type);
    std::vector<std::uint8_t> cell(one.prefix + 5, 0);
    cell[0] = 5;
    CHECK(*cell_length(*type, {cell.data(), cell.size()}) == one.prefix + 5);
    for (std::size_t size = 0; size < cell.size(); ++size) CHECK_FALSE(cell_length(*type, {cell.data(), size}));
    cell[one.prefix - 1] = 0xff;
    CHECK_FALSE(cell_length(*type, {cell.data(), cell.size()}));
  }
}

TEST_CASE("column_type: strings resolve to what they really are", "[binlog]") {
  CHECK(*decoded(254, {0xee, 0x90}) == ColumnType{TypeCode::string, 400, 254});
  CHECK(*decoded(254, {0xce, 0xfc}) == ColumnType{TypeCode::string, 1020, 254});
  CHECK(*decoded(254, {0xfe, 40}) == ColumnType{TypeCode::string, 40, 254});
  CHECK(*decoded(254, {0xf7, 2}) == ColumnType{TypeCode::enum_, 2, 254});
  CHECK(*decoded(254, {0xf8, 3}) == ColumnType{TypeCode::set, 3, 254});
}

TEST_CASE("column_type: metadata that no such type has is refused", "[binlog]") {
  const std::uint8_t zeros[64] = {};
  const auto sized = [&](std::uint8_t code, std::vector<std::uint8_t> raw) {
    const auto type = decoded(code, std::move(raw));
    return type && cell_length(*type, {zeros, sizeof zeros});
  };
  CHECK_FALSE(sized(246, {0, 0}));
  CHECK_FALSE(sized(246, {66, 0}));
  CHECK_FALSE(sized(246, {5, 6}));
  CHECK_FALSE(sized(16, {8, 0}));
  CHECK_FALSE(sized(16, {1, 8}));
  CHECK_FALSE(sized(16, {0, 0}));
  CHECK_FALSE(sized(17, {7}));
  CHECK_FALSE(sized(252, {0}));
  CHECK_FALSE(sized(252, {5}));
  CHECK_FALSE(sized(254, {0xf7, 0}));
  CHECK_FALSE(sized(254, {0xf7, 3}));
  CHECK_FALSE(sized(254, {0xf8, 9}));
  CHECK_FALSE(sized(254, {0x00, 9}));
  CHECK_FALSE(sized(247, {0xf8, 1}));
  CHECK_FALSE(sized(15, {1}));
  for (const std::uint8_t code : std::initializer_list<std::uint8_t>{0, 6, 20, 21, 139, 142, 200, 241, 243, 244}) {
    INFO(int{code});
    CHECK_FALSE(sized(code, {}));
  }
}

TEST_CASE("column_type: which columns the lists of optional metadata count", "[binlog]") {
  const auto type = [](TypeCode code) { return ColumnType{code, 1, static_cast<std::uint8_t>(code)}; };
  for (const TypeCode code : {TypeCode::tiny, TypeCode::year, TypeCode::newdecimal, TypeCode::float_})
    CHECK(is_numeric(type(code)));
  for (const TypeCode code : {TypeCode::bit, TypeCode::enum_, TypeCode::date}) CHECK_FALSE(is_numeric(type(code)));
  for (const TypeCode code : {TypeCode::varchar, TypeCode::string, TypeCode::blob, TypeCode::varchar_compressed}) {
    CHECK(is_character(type(code), true));
    CHECK(is_character(type(code), false));
  }
  CHECK(is_character(type(TypeCode::geometry), true));
  CHECK_FALSE(is_character(type(TypeCode::geometry), false));
  CHECK_FALSE(is_character(type(TypeCode::vector), true));
  CHECK(is_character(type(TypeCode::vector), false));
  for (const bool mariadb : {true, false}) {
    CHECK_FALSE(is_character(type(TypeCode::json), mariadb));
    CHECK_FALSE(is_character(type(TypeCode::enum_), mariadb));
  }
  CHECK(type_name(type(TypeCode::datetime2)) == "DATETIME");
  CHECK(type_name(type(static_cast<TypeCode>(200))) == "unknown type");
}

}  // namespace relay::binlog
