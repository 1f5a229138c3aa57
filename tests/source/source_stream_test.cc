#include "relay/source/source_stream.h"

#include <catch2/catch.hpp>

#include "tests/source/event_builder.h"

namespace relay::source::testing {

namespace {

using binlog::ChecksumAlgorithm;
using binlog::EventType;

constexpr std::uint64_t k4GiB = std::uint64_t{1} << 32;

Bytes artificial_rotate(std::uint64_t position, const char* file, bool checksum) {
  return build_event({EventType::rotate, 0, 0, binlog::kFlagArtificial, rotate_body(position, file)}, checksum);
}

Bytes xid(std::uint32_t next_position, bool checksum) {
  return build_event({EventType::xid, 1'700'000'000, next_position, 0, little_endian(1, 8)}, checksum);
}

// 19 + 8, without checksum.
constexpr std::uint64_t kXidSize = 27;

struct Place {
  EventType type;
  std::string file;
  std::uint64_t end_offset;
  bool artificial;
  friend bool operator==(const Place&, const Place&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Place& place) {
    return out << static_cast<int>(place.type) << ' ' << place.file << ':' << place.end_offset
               << (place.artificial ? " artificial" : "");
  }
};

std::vector<Place> places_of(SourceStream& stream) {
  std::vector<Place> places;
  for (;;) {
    const auto item = stream.next();
    REQUIRE(item);
    if (!*item) return places;
    places.push_back({(*item)->event.type(), std::string((*item)->file), (*item)->end_offset, (*item)->artificial});
  }
}

std::vector<Place> places_of(std::vector<Bytes> events, ChecksumAlgorithm checksum) {
  ListedEvents source(std::move(events));
  SourceStream stream(source, checksum);
  return places_of(stream);
}

}  // namespace

TEST_CASE("source_stream: an artificial ROTATE sets file and offset, a real one ends its file", "[source]") {
  const Bytes real = build_event({EventType::rotate, 1'700'000'000, 1000, 0, rotate_body(4, "binlog.000008")}, false);
  const auto places = places_of({artificial_rotate(500, "binlog.000007", false), build_format("9.7.4", false, 0), real,
                                 artificial_rotate(4, "binlog.000008", false)},
                                ChecksumAlgorithm::none);
  CHECK(places == std::vector<Place>{{EventType::rotate, "binlog.000007", 500, true},
                                     {EventType::format_description, "binlog.000007", 500, true},
                                     {EventType::rotate, "binlog.000007", 1000, false},
                                     {EventType::rotate, "binlog.000008", 4, true}});
}

TEST_CASE("source_stream: a ROTATE without a timestamp is artificial even without the flag", "[source]") {
  const Bytes rotate = build_event({EventType::rotate, 0, 0, 0, rotate_body(4, "binlog.000001")}, false);
  CHECK(places_of({rotate}, ChecksumAlgorithm::none) ==
        std::vector<Place>{{EventType::rotate, "binlog.000001", 4, true}});
}

TEST_CASE("source_stream: events without a position are counted by size until one has it", "[source]") {
  const auto places = places_of({artificial_rotate(100, "f.1", false), xid(0, false), xid(0, false), xid(300, false)},
                                ChecksumAlgorithm::none);
  REQUIRE(places.size() == 4);
  CHECK(places[1].end_offset == 100 + kXidSize);
  CHECK(places[2].end_offset == 100 + 2 * kXidSize);
  CHECK(places[3].end_offset == 300);
  CHECK_FALSE(places[1].artificial);
}

TEST_CASE("source_stream: offsets go on past 4 GiB", "[source]") {
  const std::uint64_t start = k4GiB - 10;
  const auto low = static_cast<std::uint32_t>(start + kXidSize);
  const auto places = places_of({artificial_rotate(start, "f.1", false), xid(low, false), xid(low + 1000, false)},
                                ChecksumAlgorithm::none);
  REQUIRE(places.size() == 3);
  CHECK(places[1].end_offset == start + kXidSize);
  CHECK(places[2].end_offset == start + kXidSize + 1000);
}

TEST_CASE("source_stream: a position that lies behind is not believed", "[source]") {
  const auto places =
      places_of({artificial_rotate(k4GiB + 500, "f.1", false), xid(20, false)}, ChecksumAlgorithm::none);
  REQUIRE(places.size() == 2);
  CHECK(places[1].end_offset == k4GiB + 500 + kXidSize);
}

TEST_CASE("source_stream: what is sent again in mid-file has no place in it", "[source]") {
  const Bytes list = build_event({EventType::gtid_list, 0, 0, binlog::kFlagArtificial, little_endian(0, 4)}, false);
  const Bytes unflagged = build_event({EventType::gtid_list, 0, 0, 0, little_endian(0, 4)}, false);
  const Bytes heartbeat = build_event({EventType::heartbeat, 0, 777, 0, "f.1"}, false);
  const auto places = places_of(
      {artificial_rotate(500, "f.1", false), build_format("10.11.6-MariaDB", false, 0), list, unflagged, heartbeat},
      ChecksumAlgorithm::none);
  REQUIRE(places.size() == 5);
  for (const Place& place : places) CHECK(place.artificial);
  CHECK(places[3].end_offset == 500);
  CHECK(places[4].end_offset == 777);  // a heartbeat ahead of the stream: transactions were passed over
}

TEST_CASE("source_stream: a heartbeat of another file, or behind, moves nothing", "[source]") {
  const Bytes other = build_event({EventType::heartbeat, 0, 777, 0, "f.2"}, false);
  const Bytes behind = build_event({EventType::heartbeat, 0, 100, 0, "f.1"}, false);
  const auto places = places_of({artificial_rotate(500, "f.1", false), other, behind}, ChecksumAlgorithm::none);
  REQUIRE(places.size() == 3);
  CHECK(places[1].end_offset == 500);
  CHECK(places[2].end_offset == 500);
}

TEST_CASE("source_stream: checksums follow the format description", "[source]") {
  const auto places = places_of({artificial_rotate(4, "f.1", true), build_format("9.7.4", false, 125), xid(152, false),
                                 artificial_rotate(4, "f.2", false), build_format("9.7.4", true, 125), xid(156, true)},
                                ChecksumAlgorithm::crc32);
  REQUIRE(places.size() == 6);
  CHECK(places[5] == Place{EventType::xid, "f.2", 156, false});
}

TEST_CASE("source_stream: a wrong checksum is malformed and says where", "[source]") {
  Bytes damaged = xid(156, true);
  damaged[binlog::kEventHeaderSize] ^= 1;
  ListedEvents source({artificial_rotate(4, "f.1", true), build_format("9.7.4", true, 125), damaged});
  SourceStream stream(source, ChecksumAlgorithm::crc32);
  REQUIRE(stream.next());
  REQUIRE(stream.next());
  const auto item = stream.next();
  REQUIRE_FALSE(item);
  CHECK(item.error().kind() == base::ErrorKind::malformed);
  CHECK(item.error().subject() == "f.1");
  CHECK(item.error().offset() == 125);
}

TEST_CASE("source_stream: a file name that cannot be one is malformed", "[source]") {
  const std::string name =
      GENERATE(std::string(), std::string("../f"), std::string("a b"), std::string("a\nb"), std::string(600, 'x'));
  ListedEvents source({build_event({EventType::rotate, 0, 0, 0x20, rotate_body(4, name)}, false)});
  SourceStream stream(source, ChecksumAlgorithm::none);
  const auto item = stream.next();
  REQUIRE_FALSE(item);
  CHECK(item.error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("source_stream: bytes that are no event are malformed", "[source]") {
  const Bytes event = GENERATE(Bytes{}, Bytes(5), Bytes(19), Bytes(100, 0xff));
  ListedEvents source({event});
  SourceStream stream(source, ChecksumAlgorithm::none);
  const auto item = stream.next();
  REQUIRE_FALSE(item);
  CHECK(item.error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("source_stream: skipping passes over what the relay has, in that file only", "[source]") {
  ListedEvents source({artificial_rotate(4, "f.1", false), build_format("9.7.4", false, 125), xid(152, false),
                       xid(179, false), xid(206, false), artificial_rotate(4, "f.2", false), xid(31, false)});
  SourceStream stream(source, ChecksumAlgorithm::none);
  stream.skip_to("f.1", 179);
  const auto places = places_of(stream);
  REQUIRE(places.size() == 5);
  CHECK(places[1].type == EventType::format_description);
  CHECK(places[2] == Place{EventType::xid, "f.1", 206, false});
  CHECK(places[4] == Place{EventType::xid, "f.2", 31, false});
}

}  // namespace relay::source::testing
