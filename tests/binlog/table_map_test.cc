#include "relay/binlog/table_map.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/binlog/golden.h"

namespace relay::binlog::test {

namespace {

template <typename T>
std::vector<T> kept_of(const std::vector<T>& all, const std::vector<bool>& keep) {
  std::vector<T> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (keep[i]) kept.push_back(all[i]);
  }
  return kept;
}

std::vector<bool> null_bits_of(const TableMap& map) {
  std::vector<bool> bits;
  for (std::size_t i = 0; i < map.columns.size(); ++i) bits.push_back(map.nullable(i));
  return bits;
}

std::vector<std::uint32_t> kept_key(const std::vector<std::uint32_t>& key, const std::vector<bool>& keep) {
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t column : key) {
    if (!keep[column]) continue;
    kept.push_back(static_cast<std::uint32_t>(std::count(keep.begin(), keep.begin() + column, true)));
  }
  return kept;
}

// What an empty list and a list that is missing have in common.
template <typename T>
bool says_nothing(const std::vector<T>& list) {
  return std::all_of(list.begin(), list.end(), [](const T& one) { return one == T{}; });
}

template <typename T>
void check_list(const std::vector<T>& made, const std::vector<T>& wanted) {
  if (made.empty())
    CHECK(says_nothing(wanted));
  else
    CHECK(made == wanted);
}

void check_rewritten(const TableMap& map, Flavor flavor, const std::vector<bool>& keep) {
  base::Buffer made;
  REQUIRE(rewrite_table_map(map, flavor, keep, made));
  TableMap rewritten;
  REQUIRE(TableMap::parse(made.view(), rewritten));
  CHECK(rewritten.table_id == map.table_id);
  CHECK(rewritten.flags == map.flags);
  CHECK(rewritten.database == map.database);
  CHECK(rewritten.table == map.table);
  CHECK(rewritten.columns == kept_of(map.columns, keep));
  CHECK(null_bits_of(rewritten) == kept_of(null_bits_of(map), keep));
  const auto before = OptionalMetadata::parse(map, flavor);
  const auto after = OptionalMetadata::parse(rewritten, flavor);
  REQUIRE(before);
  if (!after) FAIL(after.error().message());
  CHECK(after->names == kept_of(before->names, keep));
  check_list(after->is_unsigned, kept_of(before->is_unsigned, keep));
  check_list(after->collations, kept_of(before->collations, keep));
  check_list(after->members, kept_of(before->members, keep));
  CHECK(after->primary_key == kept_key(before->primary_key, keep));
}

base::Result<TableMap> parse(const std::vector<std::uint8_t>& body) {
  TableMap map;
  RELAY_TRY(TableMap::parse({body.data(), body.size()}, map));
  return map;
}

// Table 1 in d.t, then what follows the names.
std::vector<std::uint8_t> body(std::vector<std::uint8_t> columns) {
  std::vector<std::uint8_t> bytes = {1, 0, 0, 0, 0, 0, 1, 0, 1, 'd', 0, 1, 't', 0};
  bytes.insert(bytes.end(), columns.begin(), columns.end());
  return bytes;
}

}  // namespace

TEST_CASE("table_map: a rewritten map says of the kept columns what the whole one said", "[binlog]") {
  const unsigned seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const Golden& file : goldens()) {
    for_each_plain_event(file, [&](const EventView& event) {
      if (event.type() != EventType::table_map) return;
      INFO(file.name);
      TableMap map;
      REQUIRE(TableMap::parse(event.body(), map));
      const std::size_t width = map.columns.size();
      for (std::size_t dropped = 0; dropped < width && width > 1; ++dropped) {
        std::vector<bool> keep(width, true);
        keep[dropped] = false;
        check_rewritten(map, file.flavor(), keep);
      }
      for (int round = 0; round < 20; ++round) {
        std::vector<bool> keep(width);
        for (std::size_t i = 0; i < width; ++i) keep[i] = random() % 2 == 0;
        keep[random() % width] = true;
        check_rewritten(map, file.flavor(), keep);
      }
    });
  }
}

TEST_CASE("table_map: full metadata is read column by column", "[binlog]") {
  for (const char* name : {"my97-strip-src", "ma1011-strip-src"}) {
    INFO(name);
    const Golden& file = golden(name);
    bool seen = false;
    for_each_event(file, [&](const EventView& event) {
      if (event.type() != EventType::table_map || seen) return;
      seen = true;
      TableMap map;
      REQUIRE(TableMap::parse(event.body(), map));
      const auto metadata = OptionalMetadata::parse(map, file.flavor());
      REQUIRE(metadata);
      CHECK(map.database == "d");
      CHECK(map.table == "w");
      CHECK(metadata->names == std::vector<std::string_view>{"id", "name", "secret", "n", "e", "s", "j", "b", "dec1",
                                                             "ts", "g", "lt", "u"});
      CHECK(metadata->primary_key == std::vector<std::uint32_t>{0});
      CHECK(metadata->has_signedness);
      CHECK(metadata->is_unsigned == std::vector<bool>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1});
      CHECK(metadata->members[4] == std::vector<std::string_view>{"aa", "bb"});
      CHECK(metadata->members[5] == std::vector<std::string_view>{"x", "y"});
      CHECK(metadata->collations[2] == 8);  // latin1_swedish_ci
      CHECK(metadata->collations[11] == 8);
      CHECK(metadata->collations[4] == 8);
      CHECK(metadata->collations[3] == 0);
      CHECK(metadata->collations[1] != 8);
      CHECK_FALSE(map.nullable(0));
      CHECK(map.nullable(1));
      CHECK(map.columns[4] == ColumnType{TypeCode::enum_, 1, 254});
      CHECK(map.columns[9] == ColumnType{TypeCode::datetime2, 3, 18});
    });
    CHECK(seen);
  }
}

TEST_CASE("table_map: what is not a table map is refused", "[binlog]") {
  CHECK(parse(body({1, 3, 0, 0})));                       // one INT
  CHECK_FALSE(parse(body({0, 0})));                       // no column
  CHECK_FALSE(parse(body({0xfd, 0xff, 0xff, 0xff, 3})));  // more columns than bytes
  CHECK_FALSE(parse(body({1, 15, 1, 20, 0})));            // metadata too short
  CHECK_FALSE(parse(body({1, 15, 3, 20, 0, 0, 0})));      // too long
  CHECK_FALSE(parse(body({1, 3, 0})));                    // no null bits
  CHECK_FALSE(
      parse(body({1, 15, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})));  // a length beyond everything
  CHECK_FALSE(
      parse({1, 0, 0, 0, 0, 0, 1, 0, 1, 'd', 1, 1, 't', 0, 1, 3, 0, 0}));  // a name that does not end with its NUL
  const auto unknown = parse(body({1, 200, 0, 0}));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().kind() == base::ErrorKind::unsupported);
}

TEST_CASE("table_map: optional metadata that does not fit its columns is refused by reader and rewriter alike",
          "[binlog]") {
  // One INT and one VARCHAR(20).
  const auto with = [](std::vector<std::uint8_t> metadata) {
    std::vector<std::uint8_t> columns = {2, 3, 15, 2, 20, 0, 0};
    columns.insert(columns.end(), metadata.begin(), metadata.end());
    return body(columns);
  };
  const auto taken = [](const std::vector<std::uint8_t>& bytes) {
    const auto map = parse(bytes);
    REQUIRE(map);
    base::Buffer made;
    const bool read = OptionalMetadata::parse(*map, Flavor::mysql).has_value();
    CHECK(rewrite_table_map(*map, Flavor::mysql, {true, true}, made).has_value() == read);
    return read;
  };
  CHECK(taken(with({1, 1, 0x80})));
  CHECK_FALSE(taken(with({1, 2, 0x80, 0})));           // a byte too many
  CHECK_FALSE(taken(with({1, 0})));                    // none
  CHECK_FALSE(taken(with({1, 5, 0x80})));              // longer than the event
  CHECK_FALSE(taken(with({1, 1, 0x80, 1, 1, 0x80})));  // twice
  CHECK(taken(with({2, 3, 33, 0, 8})));
  CHECK_FALSE(taken(with({2, 3, 33, 1, 8})));  // there is only one character column
  CHECK_FALSE(taken(with({2, 2, 33, 0})));     // half a pair
  CHECK_FALSE(taken(with({3, 2, 8, 8})));
  CHECK(taken(with({4, 4, 1, 'a', 1, 'b'})));
  CHECK_FALSE(taken(with({4, 2, 1, 'a'})));
  CHECK_FALSE(taken(with({4, 4, 1, 'a', 9, 'b'})));
  CHECK(taken(with({8, 1, 1})));
  CHECK_FALSE(taken(with({8, 1, 2})));  // there is no such column
  CHECK_FALSE(taken(with({9, 1, 1})));  // no prefix behind it
  CHECK_FALSE(taken(with({12, 2, 0, 0})));
}

TEST_CASE("table_map: a field that is not known is told, and removed by rewriting", "[binlog]") {
  const auto bytes = body({1, 3, 0, 0, 99, 2, 'x', 'y', 1, 1, 0x80});
  const auto map = parse(bytes);
  REQUIRE(map);
  const auto metadata = OptionalMetadata::parse(*map, Flavor::mysql);
  REQUIRE(metadata);
  CHECK(metadata->has_unknown_field);
  base::Buffer made;
  REQUIRE(rewrite_table_map(*map, Flavor::mysql, {true}, made));
  const auto wanted = body({1, 3, 0, 0, 1, 1, 0x80});
  CHECK(std::vector<std::uint8_t>(made.view().begin(), made.view().end()) == wanted);
}

TEST_CASE("table_map: no map is made without columns, and none beyond the buffer's maximum", "[binlog]") {
  const auto bytes = body({1, 3, 0, 0});
  const auto map = parse(bytes);
  REQUIRE(map);
  base::Buffer made;
  CHECK_FALSE(rewrite_table_map(*map, Flavor::mysql, {false}, made));
  CHECK_FALSE(rewrite_table_map(*map, Flavor::mysql, {true, true}, made));
  base::Buffer small(10);
  CHECK_FALSE(rewrite_table_map(*map, Flavor::mysql, {true}, small));
}

}  // namespace relay::binlog::test
