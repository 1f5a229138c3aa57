#include "scrub_rules/column_type_of.h"

#include <array>
#include <catch2/catch.hpp>

#include "declared_column.h"

namespace relay::scrub_rules {
namespace {

using binlog::ColumnType;
using binlog::Flavor;
using binlog::TypeCode;
using testing::declared_column;

bool matches(const char* declared, ColumnType type, Flavor flavor = Flavor::mysql) {
  return column_matches(declared_column(declared), type, flavor);
}

TEST_CASE("column_type_of: a type that is not known is refused by name", "[scrub_rules]") {
  const auto type = column_type_of(declared_column("hologram", "shape"), Flavor::mysql);
  REQUIRE_FALSE(type.has_value());
  CHECK(type.error().kind() == base::ErrorKind::unsupported);
  CHECK(type.error().subject() == "shape");
  CHECK_FALSE(matches("hologram", {TypeCode::string, 4, 254}));
}

TEST_CASE("column_type_of: character lengths are compared only where the set is known", "[scrub_rules]") {
  sql::ColumnDefinition column = declared_column("varchar(10)");
  column.character_set.clear();
  for (const std::uint16_t bytes : std::array<std::uint16_t, 4>{10, 20, 30, 40})
    CHECK(column_matches(column, {TypeCode::varchar, bytes, 15}, Flavor::mysql));
  for (const std::uint16_t bytes : std::array<std::uint16_t, 4>{9, 11, 50, 80})
    CHECK_FALSE(column_matches(column, {TypeCode::varchar, bytes, 15}, Flavor::mysql));
  column.character_set = "latin1";
  CHECK(column_matches(column, {TypeCode::varchar, 10, 15}, Flavor::mysql));
  CHECK_FALSE(column_matches(column, {TypeCode::varchar, 40, 15}, Flavor::mysql));
}

TEST_CASE("column_type_of: a different length, precision, digits or class never matches", "[scrub_rules]") {
  CHECK_FALSE(matches("int", {TypeCode::longlong, 0, 8}));
  CHECK_FALSE(matches("decimal(10,2)", {TypeCode::newdecimal, 10 | 3 << 8, 246}));
  CHECK_FALSE(matches("datetime(3)", {TypeCode::datetime2, 6, 18}));
  CHECK_FALSE(matches("datetime", {TypeCode::timestamp2, 0, 17}));
  CHECK_FALSE(matches("binary(5)", {TypeCode::string, 6, 254}));
  CHECK_FALSE(matches("bit(9)", {TypeCode::bit, 1 << 8, 16}));
  CHECK_FALSE(matches("enum('a')", {TypeCode::set, 1, 254}));
  CHECK_FALSE(matches("blob", {TypeCode::blob, 3, 252}));
  CHECK_FALSE(matches("json", {TypeCode::blob, 4, 252}));
  CHECK(matches("json", {TypeCode::blob, 4, 252}, Flavor::mariadb));
  CHECK_FALSE(matches("varchar(10) compressed", {TypeCode::varchar, 40, 15}, Flavor::mariadb));
}

TEST_CASE("column_type_of: old temporal formats match where tables may have them", "[scrub_rules]") {
  CHECK(matches("time", {TypeCode::time, 0, 11}));
  CHECK(matches("timestamp", {TypeCode::timestamp, 0, 7}));
  CHECK(matches("datetime", {TypeCode::datetime, 0, 12}));
  CHECK_FALSE(matches("datetime(3)", {TypeCode::datetime, 0, 12}));
  CHECK(matches("datetime(3)", {TypeCode::datetime, 0, 12}, Flavor::mariadb));
  CHECK_FALSE(matches("datetime", {TypeCode::timestamp, 0, 7}));
  CHECK(matches("date", {TypeCode::newdate, 0, 14}));
}

TEST_CASE("column_type_of: older codes of the same cell match", "[scrub_rules]") {
  CHECK(matches("longblob", {TypeCode::long_blob, 4, 251}));
  CHECK(matches("tinytext", {TypeCode::tiny_blob, 1, 249}));
  CHECK_FALSE(matches("tinytext", {TypeCode::long_blob, 4, 251}));
  CHECK(matches("varchar(3)", {TypeCode::var_string, 12, 253}));
}

TEST_CASE("column_type_of: members that are not known leave the size open", "[scrub_rules]") {
  sql::ColumnDefinition column = declared_column("enum('a')");
  column.members.clear();
  CHECK(column_matches(column, {TypeCode::enum_, 2, 254}, Flavor::mysql));
  CHECK_FALSE(column_matches(column, {TypeCode::set, 2, 254}, Flavor::mysql));
}

TEST_CASE("column_type_of: an overlong VARCHAR is the TEXT that the server makes of it", "[scrub_rules]") {
  CHECK(matches("varchar(70000) charset latin1", {TypeCode::blob, 3, 252}));
  CHECK(matches("varchar(16384)", {TypeCode::blob, 3, 252}));
  CHECK(matches("varchar(16383)", {TypeCode::varchar, 65532, 15}));
}

TEST_CASE("column_type_of: traits carry what the table map does not tell", "[scrub_rules]") {
  const ColumnType type{TypeCode::string, 16, 254};
  const ColumnTraits uuid = column_traits(declared_column("uuid"), type, Flavor::mariadb);
  CHECK(uuid.declared_type == "uuid");
  CHECK(uuid.flavor == Flavor::mariadb);
  CHECK(uuid.type == type);
  sql::ColumnDefinition text = declared_column("varchar(7) charset utf8");
  CHECK(column_traits(text, type, Flavor::mysql).character_set == "utf8mb3");
  CHECK(column_traits(text, type, Flavor::mysql).length == 7U);
  CHECK(column_traits(declared_column("varbinary(7)"), type, Flavor::mysql).character_set == "binary");
  CHECK(column_traits(declared_column("int unsigned"), type, Flavor::mysql).is_unsigned);
  CHECK(column_traits(declared_column("set('x','y')"), type, Flavor::mysql).members.size() == 2);
}

TEST_CASE("character_sets: bytes of the widest character", "[scrub_rules]") {
  CHECK(maximum_character_bytes("utf8mb4") == 4);
  CHECK(maximum_character_bytes("utf8") == 3);
  CHECK(maximum_character_bytes("UTF8MB3") == 3);
  CHECK(maximum_character_bytes("latin1") == 1);
  CHECK(maximum_character_bytes("binary") == 1);
  CHECK(maximum_character_bytes("gb18030") == 4);
  CHECK(maximum_character_bytes("ucs2") == 2);
  CHECK(maximum_character_bytes("klingon") == 0);
  CHECK(maximum_character_bytes("") == 0);
}

TEST_CASE("character_sets: collation ids as the servers number them", "[scrub_rules]") {
  struct Id {
    std::uint32_t id;
    const char* set;
  };
  // information_schema.collations of MySQL 5.6 and 9.7, MariaDB 10.5, 10.11 and 11.8; an empty name is no collation of
  // theirs.
  constexpr std::array<Id, 56> kIds = {{
      {0, ""},          {1, "big5"},      {5, "latin1"},     {8, "latin1"},     {11, "ascii"},     {13, "sjis"},
      {17, ""},         {33, "utf8mb3"},  {34, "cp1250"},    {45, "utf8mb4"},   {48, "latin1"},    {54, "utf16"},
      {56, "utf16le"},  {60, "utf32"},    {63, "binary"},    {76, "utf8mb3"},   {80, "cp850"},     {83, "utf8mb3"},
      {90, "ucs2"},     {94, "latin1"},   {95, "cp932"},     {97, "eucjpms"},   {99, "cp1250"},    {100, ""},
      {101, "utf16"},   {124, "utf16"},   {128, "ucs2"},     {151, "ucs2"},     {159, "ucs2"},     {160, "utf32"},
      {183, "utf32"},   {192, "utf8mb3"}, {223, "utf8mb3"},  {224, "utf8mb4"},  {247, "utf8mb4"},  {248, "gb18030"},
      {250, "gb18030"}, {255, "utf8mb4"}, {309, "utf8mb4"},  {323, "utf8mb4"},  {576, "utf8mb3"},  {608, "utf8mb4"},
      {640, "ucs2"},    {672, "utf16"},   {736, "utf32"},    {1025, "big5"},    {1057, "utf8mb3"}, {1070, "utf8mb4"},
      {1119, "cp932"},  {1147, "utf16"},  {1270, "utf8mb4"}, {2048, "utf8mb3"}, {2304, "utf8mb4"}, {2744, "ucs2"},
      {3271, "utf32"},  {4000, ""},
  }};
  for (const Id& expected : kIds) {
    INFO(expected.id);
    CHECK(character_set_of_collation(expected.id) == expected.set);
  }
}

}  // namespace
}  // namespace relay::scrub_rules
