#include "relay/binlog/gtid_event.h"

#include <catch2/catch.hpp>
#include <vector>

#include "relay/base/byte_reader.h"
#include "relay/binlog/tagged_gtid.h"
#include "relay/binlog/varlen.h"
#include "tests/binlog/golden.h"

namespace relay::binlog::test {

namespace {

base::Result<MariadbGtidEvent> mariadb(std::vector<std::uint8_t> tail) {
  std::vector<std::uint8_t> body = {9, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0};
  body.insert(body.end(), tail.begin(), tail.end());
  return MariadbGtidEvent::parse({body.data(), body.size()}, 5);
}

}  // namespace

TEST_CASE("gtid_event: MySQL's are read, tags and all", "[binlog]") {
  std::vector<std::string> texts;
  for_each_event(golden("my97-users-tag"), [&](const EventView& event) {
    if (!is_mysql_gtid(event.type())) return;
    const auto gtid = MysqlGtidEvent::parse(event.header().type_code, event.body());
    REQUIRE(gtid);
    texts.push_back(gtid->gtid.text());
    CHECK(gtid->sequence_number == static_cast<std::int64_t>(texts.size()));
    CHECK(gtid->last_committed == gtid->sequence_number - 1);
    CHECK(gtid->transaction_length.value_or(0) > event.bytes().size());
  });
  REQUIRE(texts.size() == 8);
  CHECK(texts.front() == "ab8df9b0-e6f5-11f1-93f6-02fc00000001:1");
  CHECK(texts.back() == "ab8df9b0-e6f5-11f1-93f6-02fc00000001:secrettag:1");
}

TEST_CASE("gtid_event: the transaction length is the size of the transaction's events", "[binlog]") {
  for (const Golden& file : goldens()) {
    if (!file.name.starts_with("my97")) continue;
    StreamState state;
    std::uint64_t size = 0;
    for_each_event(file, [&](const EventView& event) {
      if (event.type() == EventType::transaction_payload) {
        size += event.bytes().size();
        open_event(event, [&](const EventView& inner) { REQUIRE(state.advance(inner)); });
        CHECK(state.mysql_gtid()->transaction_length == size);
        return;
      }
      const auto step = state.advance(event);
      REQUIRE(step);
      size = step->begins_transaction ? event.bytes().size() : size + event.bytes().size();
      if (step->ends_transaction) CHECK(state.mysql_gtid()->transaction_length == size);
    });
  }
}

TEST_CASE("gtid_event: a widened length is read back, and everything else stays", "[binlog]") {
  std::size_t widened_events = 0;
  for (const Golden& file : goldens()) {
    for_each_event(file, [&](const EventView& event) {
      if (!is_mysql_gtid(event.type())) return;
      INFO(file.name);
      const std::uint8_t type = event.header().type_code;
      auto before = MysqlGtidEvent::parse(type, event.body());
      REQUIRE(before);
      base::Buffer made;
      made.append("in front");
      const auto offset = widen_transaction_length(type, event.body(), made);
      REQUIRE(offset);
      if (!*offset) {
        CHECK(file.name.starts_with("my56"));
        CHECK(made.view().sub(8) == event.body());
        return;
      }
      ++widened_events;
      for (const std::uint64_t length : {std::uint64_t{1}, *before->transaction_length, UINT64_MAX}) {
        made.patch_little_endian(**offset, length, 8);
        const auto after = MysqlGtidEvent::parse(type, made.view().sub(8));
        REQUIRE(after);
        CHECK(after->transaction_length == length);
        CHECK(after->gtid == before->gtid);
        CHECK(after->last_committed == before->last_committed);
        CHECK(after->sequence_number == before->sequence_number);
      }
      base::Buffer again;
      made.patch_little_endian(**offset, *before->transaction_length, 8);
      REQUIRE(widen_transaction_length(type, made.view().sub(8), again));
      CHECK(again.view() == made.view().sub(8));
    });
  }
  CHECK(widened_events > 100);
}

TEST_CASE("gtid_event: MySQL 5.6 has neither clock nor length", "[binlog]") {
  std::size_t count = 0;
  for_each_event(golden("my56-nopk"), [&](const EventView& event) {
    if (event.type() != EventType::gtid) return;
    const auto gtid = MysqlGtidEvent::parse(event.header().type_code, event.body());
    REQUIRE(gtid);
    CHECK_FALSE(gtid->transaction_length);
    CHECK(gtid->gtid.number == static_cast<std::int64_t>(++count));
  });
  CHECK(count == 8);
}

TEST_CASE("gtid_event: a tagged event's fields", "[binlog]") {
  const auto parse = [](std::vector<std::uint8_t> fields, std::uint8_t last_non_ignorable = 0) {
    fields.insert(fields.begin(), {2, static_cast<std::uint8_t>((fields.size() + 3) << 1), last_non_ignorable});
    return MysqlGtidEvent::parse(42, {fields.data(), fields.size()});
  };
  const std::vector<std::uint8_t> good = {4, 4, 6, 6, 'a', 'b', 'c', 16, 20};
  const auto with = [&](std::vector<std::uint8_t> more) {
    more.insert(more.begin(), good.begin(), good.end());
    return more;
  };
  REQUIRE(parse(good));
  CHECK(parse(good)->gtid.number == 1);
  CHECK(parse(good)->gtid.tag == "abc");
  CHECK(parse(good)->transaction_length == 10);
  CHECK_FALSE(parse({16, 20}));                     // no number
  CHECK_FALSE(parse({4, 6}));                       // a negative one
  CHECK_FALSE(parse({4, 4, 6, 6, 'a', ' ', 'c'}));  // no tag
  CHECK_FALSE(parse({16, 20, 4, 4}));               // numbers of fields rise
  CHECK_FALSE(parse(with({16, 20})));
  CHECK(parse(with({24, 1, 2, 3})));  // newer, and may be ignored
  const auto needed = parse(with({24, 1, 2, 3}), 24);
  REQUIRE_FALSE(needed);
  CHECK(needed.error().kind() == base::ErrorKind::unsupported);
  CHECK_FALSE(MysqlGtidEvent::parse(42, {}));
  CHECK_FALSE(MysqlGtidEvent::parse(16, {}));
}

TEST_CASE("gtid_event: what is not known of an event does not pass", "[binlog]") {
  const auto tagged = [](std::vector<std::uint8_t> fields) {
    fields.insert(fields.begin(), {2, static_cast<std::uint8_t>((fields.size() + 3) << 1), 0});
    base::Buffer made;
    const auto offset = widen_transaction_length(42, {fields.data(), fields.size()}, made);
    return offset ? std::string(made.view().text()) : std::string(offset.error().what());
  };
  const std::string known = tagged({4, 4, 16, 20, 18, 2});
  CHECK(known.size() > 9);
  CHECK(tagged({4, 4, 16, 20, 18, 2, 24, 'P', 'I', 'I'}) == known);
  CHECK(tagged({4, 4}) == "a tagged GTID event does not tell its transaction's length");

  for_each_event(golden("my97-nopk"), [&](const EventView& event) {
    if (event.type() != EventType::gtid) return;
    std::string body(event.body().text());
    base::Buffer made;
    REQUIRE(widen_transaction_length(33, base::ByteView::of(body), made));
    const std::string ticket = body + "12345678";
    CHECK(widen_transaction_length(33, base::ByteView::of(ticket), made));
    for (const std::string more : {"P", "PII!", "12345678P"}) {
      const std::string longer = body + more;
      const auto refused = widen_transaction_length(33, base::ByteView::of(longer), made);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind() == base::ErrorKind::unsupported);
    }
  });
  for_each_event(golden("my56-nopk"), [&](const EventView& event) {
    if (event.type() != EventType::gtid) return;
    const std::string other_clock = std::string(event.body().text()) + "\1PII!";
    CHECK_FALSE(MysqlGtidEvent::parse(33, base::ByteView::of(other_clock)));
  });
}

TEST_CASE("varlen: integers of every size come back", "[binlog]") {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    const std::uint64_t value = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
    for (const std::uint64_t one : {value, value + 1, value / 3}) {
      base::Buffer into;
      varlen::append(one, into);
      CHECK(into.size() == varlen::size_of(one));
      base::ByteReader reader(into.view());
      CHECK(varlen::read(reader) == one);
      CHECK(reader.at_end());
    }
  }
}

TEST_CASE("gtid_event: MariaDB's flags and what follows them", "[binlog]") {
  const auto plain = mariadb({0x29, 0, 0, 0, 0, 0, 0});
  REQUIRE(plain);
  CHECK(plain->gtid.text() == "3-5-9");
  CHECK(plain->standalone());
  CHECK(plain->is_ddl());
  CHECK_FALSE(plain->prepared_xa());
  CHECK(mariadb({0x0e, 1, 2, 3, 4, 5, 6, 7, 8}));  // with a group commit id
  CHECK(mariadb({0x4c, 1, 0, 0, 0, 1, 1, 'a', 'b', 0x11, 0xff, 1, 0, 0, 0})->prepared_xa());
  CHECK(mariadb({0x0c, 0x10, 1, 2, 3, 4, 0, 0, 0, 0}));  // with a thread id
  CHECK(mariadb({0x29, 4, 3, 0, 0, 0, 0, 0, 0, 0})->commits_alter());
  CHECK(mariadb({0x29, 2, 0, 0, 0, 0, 0})->starts_alter());
  std::vector<std::uint8_t> padded(3700, 0);
  padded[0] = 0x0c;
  CHECK(mariadb(padded));
  CHECK_FALSE(mariadb({0x0c, 0, 0, 0}));                    // shorter than any
  CHECK_FALSE(mariadb({0x4c, 1, 0, 0, 0, 200, 200, 'a'}));  // an XA id beyond the event
  for (const auto& tail : {std::vector<std::uint8_t>{0x0c, 0x20, 0, 0, 0, 0, 0}, {0x0c, 0, 0, 0, 0, 0, 7}}) {
    const auto unknown = mariadb(tail);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind() == base::ErrorKind::unsupported);
  }
}

TEST_CASE("uuid: text and back", "[binlog]") {
  const std::string text = "ab8df9b0-e6f5-11f1-93f6-02fc00000001";
  CHECK(uuid_text(*parse_uuid(text)) == text);
  CHECK(uuid_text(*parse_uuid("AB8DF9B0-E6F5-11F1-93F6-02FC00000001")) == text);
  for (const char* bad : {"", "ab8df9b0", "ab8df9b0-e6f5-11f1-93f6-02fc0000000g",
                          "ab8df9b0-e6f5-11f1-93f60-2fc00000001", "ab8df9b0-e6f5-11f1-93f6-02fc000000011"}) {
    CHECK_FALSE(parse_uuid(bad));
  }
  CHECK(is_gtid_tag("_a9"));
  CHECK_FALSE(is_gtid_tag("9a"));
  CHECK_FALSE(is_gtid_tag(""));
  CHECK_FALSE(is_gtid_tag(std::string(33, 'a')));
}

}  // namespace relay::binlog::test
