#include "relay/binlog/gtid_set.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

namespace relay::binlog {

namespace {

constexpr const char* kA = "ab8df9b0-e6f5-11f1-93f6-02fc00000001";
constexpr const char* kB = "ffffffff-0000-11f1-93f6-02fc00000001";

std::string with_uuids(std::string text) {
  for (const auto& [letter, uuid] : {std::pair('A', kA), std::pair('B', kB)}) {
    for (std::size_t at; (at = text.find(letter)) != std::string::npos;) text.replace(at, 1, uuid);
  }
  return text;
}

MysqlGtidSet set(const std::string& text) {
  const auto parsed = MysqlGtidSet::parse_text(with_uuids(text));
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

MysqlGtid gtid(std::int64_t number, const std::string& tag = "") { return {*parse_uuid(kA), tag, number}; }

std::vector<std::uint8_t> encoded(const MysqlGtidSet& set) {
  base::Buffer into;
  set.encode_binary(into);
  return {into.view().begin(), into.view().end()};
}

base::Result<MysqlGtidSet> decoded(const std::vector<std::uint8_t>& bytes) {
  return MysqlGtidSet::parse_binary({bytes.data(), bytes.size()});
}

}  // namespace

TEST_CASE("gtid_set: text in every form that servers and people write it", "[binlog]") {
  struct Case {
    const char *text, *wanted;
  };
  for (const Case& one : {Case{"", ""},
                          {" \n ", ""},
                          {"A:1", "A:1"},
                          {"A:1-5", "A:1-5"},
                          {"A:5:1-3", "A:1-3:5"},
                          {"A:1-3:4", "A:1-4"},
                          {"A:1-3:2-9", "A:1-9"},
                          {"A:1,\nB:2", "A:1,B:2"},
                          {"B:2,A:1", "A:1,B:2"},
                          {" A : 1 - 5 : 8 , ", "A:1-5:8"},
                          {"A:1,A:2", "A:1-2"},
                          {"A:tag:3", "A:tag:3"},
                          {"A:1-3:7:aa:1-3:7:zz:1", "A:1-3:7:aa:1-3:7:zz:1"},
                          {"A:Tag_1:2,A:5", "A:5:tag_1:2"},
                          {"A:9223372036854775806", "A:9223372036854775806"}}) {
    INFO(one.text);
    CHECK(set(one.text).text() == with_uuids(one.wanted));
  }
}

TEST_CASE("gtid_set: text that is no set is refused, with a remedy", "[binlog]") {
  for (const char* text :
       {"A", "A:", "A:0", "A:-1", "A:2-1", "A:1-", "A:x-1", "A:9223372036854775807", "A:1-2-3", "A:tag",
        "A:tag:", "A:1:tag:other:2", "A:1tag:2", "1-2", "x:1", "ab8df9b0e6f511f193f602fc00000001:1",
        "A:18446744073709551617", "A:+1", "A:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:1"}) {
    INFO(text);
    const auto parsed = MysqlGtidSet::parse_text(with_uuids(text));
    REQUIRE_FALSE(parsed);
    CHECK_FALSE(parsed.error().remedy().empty());
  }
}

TEST_CASE("gtid_set: union, difference and containment", "[binlog]") {
  struct Case {
    const char *left, *right, *united, *difference;
    bool contains;
  };
  for (const Case& one : {Case{"", "", "", "", true},
                          {"A:1-5", "", "A:1-5", "A:1-5", true},
                          {"", "A:1", "A:1", "", false},
                          {"A:1-5", "A:2-3", "A:1-5", "A:1:4-5", true},
                          {"A:1-5", "A:1-5", "A:1-5", "", true},
                          {"A:1-5", "A:6-9", "A:1-9", "A:1-5", false},
                          {"A:1-5", "A:4-9", "A:1-9", "A:1-3", false},
                          {"A:5-9", "A:1-6", "A:1-9", "A:7-9", false},
                          {"A:1-9", "A:2:4:6", "A:1-9", "A:1:3:5:7-9", true},
                          {"A:1-2:5-6:9", "A:2-5", "A:1-6:9", "A:1:6:9", false},
                          {"A:1-9", "A:t:1", "A:1-9:t:1", "A:1-9", false},
                          {"A:1-9:t:1-4", "A:t:2", "A:1-9:t:1-4", "A:1-9:t:1:3-4", true},
                          {"A:1,B:1", "B:1", "A:1,B:1", "A:1", true}}) {
    INFO(one.left << " and " << one.right);
    MysqlGtidSet united = set(one.left);
    united.add(set(one.right));
    CHECK(united == set(one.united));
    MysqlGtidSet difference = set(one.left);
    difference.subtract(set(one.right));
    CHECK(difference == set(one.difference));
    CHECK(set(one.left).contains(set(one.right)) == one.contains);
  }
  MysqlGtidSet self = set("A:1-3:9,B:4");
  self.add(self);
  CHECK(self == set("A:1-3:9,B:4"));
  self.subtract(self);
  CHECK(self.empty());
}

TEST_CASE("gtid_set: one GTID at a time joins its neighbours", "[binlog]") {
  MysqlGtidSet one;
  for (const std::int64_t number : {5, 3, 4, 4, 1, 9, 8}) one.add(gtid(number));
  CHECK(one == set("A:1:3-5:8-9"));
  one.add(gtid(2));
  CHECK(one == set("A:1-5:8-9"));
  CHECK(one.contains(gtid(5)));
  CHECK_FALSE(one.contains(gtid(6)));
  CHECK_FALSE(one.contains(gtid(10)));
  CHECK_FALSE(one.contains(gtid(1, "tag")));
  one.add(gtid(1, "tag"));
  CHECK(one.has_tags());
  CHECK(one.contains(gtid(1, "tag")));
}

TEST_CASE("gtid_set: arithmetic agrees with plain sets of numbers", "[binlog]") {
  const unsigned seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    MysqlGtidSet sets[2];
    std::set<std::int64_t> models[2];
    for (int k = 0; k < 2; ++k) {
      for (auto n = random() % 30; n > 0; --n) {
        const auto number = static_cast<std::int64_t>(random() % 40 + 1);
        sets[k].add(gtid(number));
        models[k].insert(number);
      }
    }
    MysqlGtidSet united = sets[0], difference = sets[0];
    united.add(sets[1]);
    difference.subtract(sets[1]);
    for (std::int64_t number = 1; number <= 41; ++number) {
      CHECK(united.contains(gtid(number)) == (models[0].contains(number) || models[1].contains(number)));
      CHECK(difference.contains(gtid(number)) == (models[0].contains(number) && !models[1].contains(number)));
    }
    const bool includes = std::includes(models[0].begin(), models[0].end(), models[1].begin(), models[1].end());
    CHECK(sets[0].contains(sets[1]) == includes);
    const auto text = MysqlGtidSet::parse_text(united.text());
    REQUIRE(text);
    CHECK(*text == united);
    const auto binary = decoded(encoded(united));
    REQUIRE(binary);
    CHECK(*binary == united);
  }
}

TEST_CASE("gtid_set: the binary form keeps tags, and is plain without them", "[binlog]") {
  for (const char* text : {"", "A:1-3:7", "A:1,B:2-9", "A:tag:1", "A:1-3:7:aa:1-3:7:zz:1-3:7,B:4"}) {
    INFO(text);
    const auto bytes = encoded(set(text));
    CHECK((bytes[7] == 1) == set(text).has_tags());
    const auto back = decoded(bytes);
    REQUIRE(back);
    CHECK(*back == set(text));
  }
  CHECK(encoded({}) == std::vector<std::uint8_t>(8, 0));
  // The empty set of a server that has seen a tag once.
  CHECK(decoded({1, 0, 0, 0, 0, 0, 0, 1}) == MysqlGtidSet());
}

TEST_CASE("gtid_set: hostile binary sets are refused and cost no memory", "[binlog]") {
  const auto whole = encoded(set("A:1-3:7:tag:2,B:9"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(decoded({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
  auto longer = whole;
  longer.push_back(0);
  CHECK_FALSE(decoded(longer));
  const auto changed = [](const char* text, std::size_t at, std::uint8_t value) {
    auto bytes = encoded(set(text));
    bytes.at(at) = value;
    return decoded(bytes);
  };
  CHECK_FALSE(changed("A:1-3", 5, 0xff));       // a count of uuids beyond the bytes
  CHECK_FALSE(changed("A:1-3", 7, 0x7f));       // a form that does not exist
  CHECK_FALSE(changed("A:1-3", 24 + 6, 0xff));  // a count of intervals beyond the bytes
  CHECK_FALSE(changed("A:1-3", 32, 0));         // numbers begin at 1
  CHECK_FALSE(changed("A:2-3", 40, 2));         // an interval that is empty
  CHECK_FALSE(changed("A:2-3", 47, 0x80));      // or ends below zero
  CHECK_FALSE(changed("A:1:5", 32 + 16, 2));    // intervals that touch
  auto twice = encoded(set("A:1,B:1"));
  std::copy_n(twice.begin() + 8, 16, twice.begin() + 48);
  CHECK_FALSE(decoded(twice));
}

TEST_CASE("gtid_list: text, events and updates", "[binlog]") {
  const auto list = MariadbGtidList::parse_text(" 5-1-7 ,0-1-100,5-2-9");
  REQUIRE(list);
  CHECK(list->position_text() == "0-1-100,5-2-9");
  CHECK(list->domains() == std::vector<std::uint32_t>{0, 5});
  CHECK(list->last_in_domain(5)->server_id == 2);
  CHECK(list->last_of(5, 1)->sequence == 7);
  CHECK(list->last_of(5, 3) == nullptr);
  CHECK(list->last_in_domain(1) == nullptr);
  base::Buffer event;
  list->encode_event(event);
  const auto back = MariadbGtidList::parse_event(event.view());
  REQUIRE(back);
  CHECK(*back == *list);
  MariadbGtidList updated = *list;
  updated.update({5, 1, 8});
  CHECK(updated.position_text() == "0-1-100,5-1-8");
  CHECK(updated.last_of(5, 2)->sequence == 9);
  CHECK(MariadbGtidList::parse_text("  ")->empty());
  CHECK(MariadbGtidList::parse_text("0-1-18446744073709551615")->position_text() == "0-1-18446744073709551615");
}

TEST_CASE("gtid_list: what is no list is refused", "[binlog]") {
  for (const char* text : {"0", "0-1", "0-1-2-3", "a-1-2", "0-1-x", "4294967296-1-1", "0-1-18446744073709551616",
                           "0-1-1,0-1-2", "0-1-1,,0-2-2", "0--1"}) {
    INFO(text);
    CHECK_FALSE(MariadbGtidList::parse_text(text));
  }
  base::Buffer event;
  MariadbGtidList::parse_text("0-1-100,5-2-9")->encode_event(event);
  for (std::size_t size = 0; size < event.size(); ++size)
    CHECK_FALSE(MariadbGtidList::parse_event(event.view().sub(0, size)));
  event.append_u8(0);
  CHECK_FALSE(MariadbGtidList::parse_event(event.view()));
  const std::uint8_t huge[] = {0xff, 0xff, 0xff, 0x0f, 1, 2, 3};
  CHECK_FALSE(MariadbGtidList::parse_event({huge, sizeof huge}));
}

}  // namespace relay::binlog
