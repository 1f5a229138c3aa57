#include "relay/binlog/event_view.h"

#include <catch2/catch.hpp>
#include <vector>

#include "relay/binlog/event_maker.h"
#include "tests/binlog/golden.h"

namespace relay::binlog::test {

namespace {

FormatDescription some_format(const std::string& version = "9.7.4") {
  FormatDescription format;
  format.server_version = version;
  format.created = 7;
  format.post_header_lengths = {56, 13, 0, 8};
  format.checksum = ChecksumAlgorithm::crc32;
  return format;
}

std::vector<std::uint8_t> made(const FormatDescription& format, ChecksumAlgorithm checksum = ChecksumAlgorithm::crc32) {
  base::Buffer into;
  EventMaker(1, checksum).format_description(format, 5, 126, into);
  return {into.view().begin(), into.view().end()};
}

base::ByteView view(const std::vector<std::uint8_t>& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

TEST_CASE("event_view: a header is encoded to the bytes it was read from", "[binlog]") {
  const EventHeader header{0x01020304, 23, 0x0a0b0c0d, 1000, 0xfffffffe, 0x8001};
  std::uint8_t bytes[kEventHeaderSize];
  encode_event_header(header, bytes);
  const std::uint8_t wanted[] = {4, 3, 2, 1,    23,   0x0d, 0x0c, 0x0b, 0x0a, 0xe8,
                                 3, 0, 0, 0xfe, 0xff, 0xff, 0xff, 1,    0x80};
  CHECK(std::equal(std::begin(bytes), std::end(bytes), std::begin(wanted), std::end(wanted)));
  const EventHeader back = decode_event_header({bytes, sizeof bytes});
  CHECK(back.timestamp == header.timestamp);
  CHECK(back.type() == EventType::write_rows_v1);
  CHECK(back.server_id == header.server_id);
  CHECK(back.event_size == header.event_size);
  CHECK(back.next_position == header.next_position);
  CHECK(back.flags == header.flags);
}

TEST_CASE("event_view: an event is as long as its header says, and has room for its checksum", "[binlog]") {
  std::vector<std::uint8_t> bytes(kEventHeaderSize, 0);
  EventHeader header;
  header.type_code = static_cast<std::uint8_t>(EventType::stop);
  header.event_size = kEventHeaderSize;
  encode_event_header(header, bytes.data());
  CHECK(EventView::parse(view(bytes), ChecksumAlgorithm::none)->body().empty());
  CHECK_FALSE(EventView::parse(view(bytes), ChecksumAlgorithm::crc32));
  CHECK_FALSE(EventView::parse(view(bytes).sub(0, 18), ChecksumAlgorithm::none));
  bytes.push_back(0);
  const auto longer = EventView::parse(view(bytes), ChecksumAlgorithm::none);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().event_type() == header.type_code);
}

TEST_CASE("event_view: the checksum of a format description is taken without its in-use flag", "[binlog]") {
  auto bytes = made(some_format());
  constexpr std::size_t kFlags = 17;
  CHECK(EventView::parse(view(bytes), ChecksumAlgorithm::none)->checksum_is_right());
  bytes[kFlags] |= kFlagInUse;
  CHECK(EventView::parse(view(bytes), ChecksumAlgorithm::none)->checksum_is_right());
  bytes[kFlags] |= kFlagArtificial;
  CHECK_FALSE(EventView::parse(view(bytes), ChecksumAlgorithm::none)->checksum_is_right());
}

TEST_CASE("event_view: a format description ends with checksum bytes even where checksums are off", "[binlog]") {
  auto format = some_format();
  format.checksum = ChecksumAlgorithm::none;
  auto bytes = made(format, ChecksumAlgorithm::none);
  const auto event = EventView::parse(view(bytes), ChecksumAlgorithm::none);
  REQUIRE(event);
  CHECK(event->body().size() == bytes.size() - kEventHeaderSize - kChecksumSize);
  bytes.back() ^= 1;  // nobody fills these bytes in when they are not meant
  CHECK(EventView::parse(view(bytes), ChecksumAlgorithm::none)->checksum_is_right());
}

TEST_CASE("format_description: read back as it was made", "[binlog]") {
  const auto bytes = made(some_format());
  const auto format = FormatDescription::parse(view(bytes));
  REQUIRE(format);
  CHECK(format->server_version == "9.7.4");
  CHECK(format->created == 7);
  CHECK(format->post_header_lengths == std::vector<std::uint8_t>{56, 13, 0, 8});
  CHECK(format->checksum == ChecksumAlgorithm::crc32);
  CHECK(made(*format) == bytes);
}

TEST_CASE("format_description: versions and flavours", "[binlog]") {
  struct Case {
    const char* text;
    Flavor flavor;
    std::uint32_t number;
  };
  for (const Case& one : {Case{"9.7.4-2", Flavor::mysql, 90704},
                          {"5.6.24-log", Flavor::mysql, 50624},
                          {"10.11.19-MariaDB-log", Flavor::mariadb, 101119},
                          {"5.5.5-10.5.23-MariaDB", Flavor::mariadb, 100523},
                          {"8.4", Flavor::mysql, 80400},
                          {"", Flavor::mysql, 0},
                          {"x.y", Flavor::mysql, 0}}) {
    INFO(one.text);
    const auto format = some_format(one.text);
    CHECK(format.flavor() == one.flavor);
    CHECK(format.version_number() == one.number);
  }
}

TEST_CASE("format_description: what cannot be read is refused", "[binlog]") {
  const auto kind_of = [](const std::vector<std::uint8_t>& bytes) {
    const auto format = FormatDescription::parse(view(bytes));
    REQUIRE_FALSE(format);
    return format.error().kind();
  };
  const auto changed = [](std::size_t at, std::uint8_t value) {
    auto bytes = made(some_format());
    bytes.at(at) = value;
    return bytes;
  };
  CHECK(kind_of(changed(19, 3)) == base::ErrorKind::unsupported);  // binary log version 3
  CHECK(kind_of(changed(19 + 56, 13)) == base::ErrorKind::malformed);
  CHECK(kind_of(changed(made(some_format()).size() - 5, 2)) == base::ErrorKind::unsupported);
  auto endless = made(some_format());
  std::fill_n(endless.begin() + 19 + 2, 50, 'x');
  CHECK(kind_of(endless) == base::ErrorKind::malformed);
  CHECK(kind_of(changed(19 + 2 + 1, 0x07)) == base::ErrorKind::malformed);  // a version that is no text
  auto many = some_format();
  many.post_header_lengths.assign(256, 0);
  CHECK(kind_of(made(many)) == base::ErrorKind::malformed);
  CHECK(kind_of(made(some_format("5.5.60"))) == base::ErrorKind::unsupported);
  CHECK(kind_of(made(some_format("5.2.14-MariaDB"))) == base::ErrorKind::unsupported);
  auto bytes = made(some_format());
  bytes.resize(19 + 57 + 5);
  CHECK(kind_of(bytes) == base::ErrorKind::malformed);
}

TEST_CASE("event_type: what may carry values is never passed as control, and unknown codes are not known", "[binlog]") {
  for (int code = 0; code < 256; ++code) {
    const EventTypeInfo* const info = find_event_type(static_cast<std::uint8_t>(code));
    INFO(code);
    CHECK((info != nullptr) == (code <= 42 || (code >= 160 && code <= 172)));
    if (info == nullptr) continue;
    CHECK(static_cast<int>(info->type) == code);
    if (info->handling == EventHandling::control) CHECK_FALSE(info->may_carry_values);
  }
  CHECK(find_event_type(29)->handling == EventHandling::drop);
  CHECK(find_event_type(160)->handling == EventHandling::drop);
  CHECK(find_event_type(17)->handling == EventHandling::load_data);
  CHECK(find_event_type(172)->handling == EventHandling::halt);
}

}  // namespace relay::binlog::test
