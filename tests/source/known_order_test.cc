#include "relay/source/known_order.h"

#include <catch2/catch.hpp>

#include "tests/source/event_builder.h"

namespace relay::source::testing {

namespace {

using binlog::EventType;

constexpr std::uint32_t kHead = 4;
constexpr std::uint32_t kBehindFormat = 200;

SourceFacts facts_of(binlog::Flavor flavor, std::uint32_t version_number) {
  SourceFacts facts;
  facts.flavor = flavor;
  facts.version_number = version_number;
  return facts;
}

const SourceFacts kMysql56 = facts_of(binlog::Flavor::mysql, 50651);
const SourceFacts kMysql97 = facts_of(binlog::Flavor::mysql, 90704);
const SourceFacts kMariadb = facts_of(binlog::Flavor::mariadb, 101106);

// An event that lies in the file from `begin` to `end`.
Bytes event(EventType type, std::uint32_t begin, std::uint32_t end) {
  return build_event({type, 1'700'000'000, end, 0, std::string(end - begin - binlog::kEventHeaderSize, '\0')}, false);
}

Bytes rotate_to(const char* file) {
  return build_event({EventType::rotate, 0, 0, binlog::kFlagArtificial, rotate_body(kHead, file)}, false);
}

Bytes heartbeat(const char* file, std::uint32_t offset) {
  return build_event({EventType::heartbeat, 0, offset, 0, file}, false);
}

// What a file's dump begins with.
std::vector<Bytes> begin_of(const char* file) { return {rotate_to(file), build_format("9.7.4", false, kBehindFormat)}; }

// What became of an order that was given a dump.
enum class Order { kept, broken, ended_early };

// Reads as far as writes_before_known() does.
Order order_of(KnownOrder order, const std::vector<std::vector<Bytes>>& parts) {
  std::vector<Bytes> events;
  for (const std::vector<Bytes>& part : parts) events.insert(events.end(), part.begin(), part.end());
  ListedEvents source(std::move(events));
  SourceStream stream(source, binlog::ChecksumAlgorithm::none);
  while (!order.is_broken() && !order.is_at_end()) {
    const auto item = stream.next();
    REQUIRE(item);
    if (!*item) {
      if (!order.finish()) return Order::ended_early;
      break;
    }
    order.add(**item);
  }
  return order.is_broken() ? Order::broken : Order::kept;
}

Order order_of(const SourceFacts& facts, std::vector<LogFileEnd> files, const std::vector<std::vector<Bytes>>& parts) {
  const LogFileEnd end = files.back();
  return order_of(KnownOrder({end.file, end.offset, "", "", ""}, std::move(files), facts), parts);
}

}  // namespace

TEST_CASE("known_order: what is known lies before all else", "[source]") {
  // 200 to 500 is passed over, at the head of the file.
  CHECK(order_of(kMysql97, {{"binlog.1", 800}},
                 {begin_of("binlog.1"),
                  {event(EventType::gtid, 500, 600), event(EventType::xid, 600, 700),
                   event(EventType::anonymous_gtid, 700, 800)}}) == Order::kept);
}

TEST_CASE("known_order: something known lies between two that are not", "[source]") {
  for (const EventType type :
       {EventType::gtid, EventType::gtid_tagged, EventType::anonymous_gtid, EventType::mariadb_gtid, EventType::rotate,
        EventType::stop, EventType::binlog_checkpoint}) {
    CAPTURE(type);
    const std::vector<Bytes> next = {event(type, 400, 500)};
    const std::vector<Bytes> not_known = {event(EventType::gtid, 200, 250), event(EventType::xid, 250, 300)};
    CHECK(order_of(kMariadb, {{"binlog.1", 500}}, {begin_of("binlog.1"), not_known, next}) == Order::broken);
    const std::vector<Bytes> adjoining = {event(EventType::query, 300, 400)};
    CHECK(order_of(kMariadb, {{"binlog.1", 500}}, {begin_of("binlog.1"), not_known, adjoining, next}) == Order::kept);
  }
}

TEST_CASE("known_order: the head of a file is followed by what is known", "[source]") {
  const std::vector<Bytes> head = {event(EventType::previous_gtids, 200, 230)};
  const std::vector<Bytes> not_known = {event(EventType::gtid, 400, 450), event(EventType::xid, 450, 500)};
  CHECK(order_of(kMysql97, {{"binlog.1", 500}}, {begin_of("binlog.1"), head, not_known}) == Order::kept);
  CHECK(order_of(kMysql97, {{"binlog.1", 500}}, {begin_of("binlog.1"), head, {heartbeat("binlog.1", 500)}}) ==
        Order::kept);
  // In the file before lies something that is not known.
  CHECK(order_of(kMysql97, {{"binlog.1", 500}, {"binlog.2", 500}},
                 {begin_of("binlog.1"), not_known, begin_of("binlog.2"), head, not_known}) == Order::broken);
  CHECK(order_of(kMysql97, {{"binlog.1", 500}, {"binlog.2", 500}},
                 {begin_of("binlog.1"), not_known, begin_of("binlog.2"), head, {heartbeat("binlog.2", 500)}}) ==
        Order::broken);
  // Without it nothing tells where the head ends.
  CHECK(order_of(kMysql97, {{"binlog.1", 500}, {"binlog.2", 500}},
                 {begin_of("binlog.1"), not_known, begin_of("binlog.2"), not_known}) == Order::kept);
}

TEST_CASE("known_order: within a transaction MariaDB leaves events out", "[source]") {
  CHECK(order_of(kMariadb, {{"binlog.1", 500}},
                 {begin_of("binlog.1"),
                  {event(EventType::mariadb_gtid, 200, 250), event(EventType::table_map, 300, 400),
                   event(EventType::xid, 400, 500)}}) == Order::kept);
}

TEST_CASE("known_order: a heartbeat tells what was passed over", "[source]") {
  const std::vector<Bytes> not_known = {event(EventType::mariadb_gtid, 200, 250), event(EventType::xid, 250, 300)};
  for (const SourceFacts& facts : {kMysql97, kMariadb}) {
    CHECK(order_of(facts, {{"binlog.1", 900}}, {begin_of("binlog.1"), not_known, {heartbeat("binlog.1", 900)}}) ==
          Order::broken);
    CHECK(order_of(facts, {{"binlog.1", 900}}, {begin_of("binlog.1"), {heartbeat("binlog.1", 900)}}) == Order::kept);
    CHECK(order_of(facts, {{"binlog.1", 300}}, {begin_of("binlog.1"), not_known, {heartbeat("binlog.1", 300)}}) ==
          Order::kept);
  }
}

TEST_CASE("known_order: at a file's end, where its last event tells of no other file", "[source]") {
  const std::vector<Bytes> not_known = {event(EventType::gtid, 200, 250), event(EventType::xid, 250, 300)};
  const std::vector<Bytes> last = {event(EventType::gtid, 200, 250), event(EventType::xid, 250, 400)};
  // The source died with the first file: nothing lies behind it, or something known.
  CHECK(order_of(kMysql97, {{"binlog.1", 300}, {"binlog.2", 400}},
                 {begin_of("binlog.1"), not_known, begin_of("binlog.2"), last}) == Order::kept);
  CHECK(order_of(kMysql97, {{"binlog.1", 350}, {"binlog.2", 400}},
                 {begin_of("binlog.1"), not_known, begin_of("binlog.2"), last}) == Order::broken);
  // All of the first is known.
  CHECK(order_of(kMysql97, {{"binlog.1", 350}, {"binlog.2", 400}},
                 {begin_of("binlog.1"), begin_of("binlog.2"), last}) == Order::kept);
}

TEST_CASE("known_order: the log grew since its end was asked for", "[source]") {
  // Nothing of the last file is given, and one that was begun since follows.
  CHECK(order_of(kMysql97, {{"binlog.1", 300}}, {begin_of("binlog.1"), begin_of("binlog.2")}) == Order::kept);
}

TEST_CASE("known_order: a dump that ends before the end", "[source]") {
  const std::vector<Bytes> not_known = {event(EventType::gtid, 200, 250), event(EventType::xid, 250, 300)};
  CHECK(order_of(kMysql97, {{"binlog.1", 300}, {"binlog.2", 400}}, {begin_of("binlog.1"), not_known}) ==
        Order::ended_early);
  CHECK(order_of(kMariadb, {{"binlog.1", 400}}, {begin_of("binlog.1"), not_known}) == Order::ended_early);
  // What is not on the source's disk yet is not given, and new.
  CHECK(order_of(kMysql97, {{"binlog.1", 400}}, {begin_of("binlog.1"), not_known}) == Order::kept);
  // No heartbeat tells of the end, and all is given that is there.
  CHECK(order_of(kMysql56, {{"binlog.1", 400}}, {begin_of("binlog.1"), not_known}) == Order::broken);
  CHECK(order_of(kMysql56, {{"binlog.1", 400}}, {begin_of("binlog.1")}) == Order::kept);
}

TEST_CASE("known_order: asks MySQL for a dump with an end, and MariaDB for one that tells of it", "[source]") {
  DumpRequest mysql;
  mysql.flavor = binlog::Flavor::mysql;
  KnownOrder::prepare(mysql);
  CHECK(mysql.non_blocking);
  DumpRequest mariadb;
  mariadb.flavor = binlog::Flavor::mariadb;
  KnownOrder::prepare(mariadb);
  CHECK_FALSE(mariadb.non_blocking);
  CHECK(mariadb.heartbeat == std::chrono::milliseconds(500));
}

}  // namespace relay::source::testing
