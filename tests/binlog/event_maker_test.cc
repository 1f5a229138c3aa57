#include "relay/binlog/event_maker.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "relay/binlog/stream_state.h"

namespace relay::binlog {

namespace {

EventView parsed(const base::Buffer& bytes, ChecksumAlgorithm checksum) {
  const auto event = EventView::parse(bytes.view(), checksum);
  REQUIRE(event);
  CHECK(event->checksum_is_right());
  CHECK(event->header().server_id == 77);
  return *event;
}

std::vector<std::uint8_t> body(const EventView& event) { return {event.body().begin(), event.body().end()}; }

}  // namespace

TEST_CASE("event_maker: an artificial rotate has no time, no place and the artificial flag", "[binlog]") {
  for (const auto checksum : {ChecksumAlgorithm::none, ChecksumAlgorithm::crc32}) {
    base::Buffer into;
    EventMaker(77, checksum).artificial_rotate("b.02", 0x0102030405, into);
    const EventView event = parsed(into, checksum);
    CHECK(event.type() == EventType::rotate);
    CHECK(event.header().timestamp == 0);
    CHECK(event.header().next_position == 0);
    CHECK(event.header().flags == kFlagArtificial);
    CHECK(body(event) == std::vector<std::uint8_t>{5, 4, 3, 2, 1, 0, 0, 0, 'b', '.', '0', '2'});
    CHECK(StreamState().advance(event)->artificial);
  }
}

TEST_CASE("event_maker: heartbeats name the file and the position", "[binlog]") {
  base::Buffer into;
  const EventMaker maker(77, ChecksumAlgorithm::crc32);
  maker.heartbeat("b.02", 0x1ffffffff, into);
  const EventView first = parsed(into, ChecksumAlgorithm::crc32);
  CHECK(first.type() == EventType::heartbeat);
  CHECK(first.header().next_position == 0xffffffff);
  CHECK(first.header().timestamp == 0);
  CHECK(body(first) == std::vector<std::uint8_t>{'b', '.', '0', '2'});
  base::Buffer second;
  maker.heartbeat_v2("b.02", 0x1ffffffff, second);
  const EventView v2 = parsed(second, ChecksumAlgorithm::crc32);
  CHECK(v2.type() == EventType::heartbeat_v2);
  CHECK(body(v2) ==
        std::vector<std::uint8_t>{1, 4, 'b', '.', '0', '2', 2, 9, 0xfe, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0});
  base::Buffer third;
  maker.heartbeat_v2("b", 4, third);
  CHECK(body(parsed(third, ChecksumAlgorithm::crc32)) == std::vector<std::uint8_t>{1, 1, 'b', 2, 1, 4, 0});
}

TEST_CASE("event_maker: events are appended one behind the other", "[binlog]") {
  base::Buffer into;
  const EventMaker maker(77, ChecksumAlgorithm::crc32);
  maker.rotate("b.02", 5, 1000, into);
  const std::size_t first = into.size();
  maker.gtid_list(*MariadbGtidList::parse_text("0-1-9"), 0, 0, true, into);
  const auto list = EventView::parse(into.view().sub(first), ChecksumAlgorithm::crc32);
  REQUIRE(list);
  CHECK(list->checksum_is_right());
  CHECK(list->header().flags == kFlagArtificial);
  CHECK(MariadbGtidList::parse_event(list->body())->position_text() == "0-1-9");
  const auto rotate = EventView::parse(into.view().sub(0, first), ChecksumAlgorithm::crc32);
  REQUIRE(rotate);
  CHECK(rotate->checksum_is_right());
  CHECK(rotate->header().flags == 0);
  CHECK(rotate->header().next_position == 1000);
}

TEST_CASE("event_maker: a buffer that is full stays whole", "[binlog]") {
  base::Buffer into(kEventHeaderSize + 2);
  const EventMaker maker(77, ChecksumAlgorithm::crc32);
  maker.artificial_rotate("b.02", 4, into);
  maker.gtid_list({}, 0, 0, true, into);
  CHECK(into.overflowed());
  CHECK(into.size() <= into.maximum());
}

}  // namespace relay::binlog
