#include "relay/wire/command.h"

#include <catch2/catch.hpp>

using namespace std::string_literals;
using relay::base::ByteView;
using namespace relay::wire;

TEST_CASE("command: reads COM_REGISTER_SLAVE", "[wire]") {
  const std::string packet = "\x15\x4d\0\0\0\x02hh\x01u\x03ppp\xea\x0c\0\0\0\0\0\0\0\0"s;
  const auto command = parse_command(ByteView::of(packet));
  REQUIRE(command);
  const auto& registration = std::get<RegisterReplicaCommand>(*command);
  CHECK(registration.server_id == 77);
  CHECK(registration.port == 3306);
}

TEST_CASE("command: reads COM_BINLOG_DUMP", "[wire]") {
  for (const std::string& file : {"binlog.000001"s, ""s}) {
    const std::string packet = "\x12\x78\x56\x34\x12\x03\x00\x4d\0\0\0"s + file;
    const auto command = parse_command(ByteView::of(packet));
    REQUIRE(command);
    const auto& dump = std::get<BinlogDumpCommand>(*command);
    CHECK(dump.position == 0x12345678);
    CHECK(dump.flags == 3);
    CHECK(dump.server_id == 77);
    CHECK(dump.file.text() == file);
  }
}

TEST_CASE("command: reads COM_BINLOG_DUMP_GTID, whatever its file and position say", "[wire]") {
  const std::string set(8, '\0');
  // Without a name, with one, and with the NULs that 5.6 sends after a reconnect.
  for (const std::string& name : {""s, "binlog.000001"s, std::string(13, '\0')}) {
    const std::string packet = "\x1e\x02\x00\x4d\0\0\0"s + static_cast<char>(name.size()) + "\0\0\0"s + name +
                               "\x04\0\0\0\0\0\0\0"s + "\x08\0\0\0"s + set;
    const auto command = parse_command(ByteView::of(packet));
    REQUIRE(command);
    const auto& dump = std::get<BinlogDumpGtidCommand>(*command);
    CHECK(dump.flags == 2);
    CHECK(dump.server_id == 77);
    CHECK(dump.gtid_set == ByteView::of(set));
  }
}

TEST_CASE("command: tells the small ones apart", "[wire]") {
  CHECK(std::holds_alternative<QuitCommand>(*parse_command(ByteView::of("\x01"))));
  CHECK(std::get<QueryCommand>(*parse_command(ByteView::of("\x03SELECT 1"))).text.text() == "SELECT 1");
  CHECK(std::holds_alternative<StatisticsCommand>(*parse_command(ByteView::of("\x09"))));
  CHECK(std::holds_alternative<PingCommand>(*parse_command(ByteView::of("\x0e"))));
  CHECK(std::get<OtherCommand>(*parse_command(ByteView::of("\x16"))).code == 0x16);
}

TEST_CASE("command: a command that is cut off is refused", "[wire]") {
  const std::vector<std::string> whole = {
      "\x15\x4d\0\0\0\x02hh\x01u\x03ppp\xea\x0c\0\0\0\0\0\0\0\0"s,
      "\x12\x78\x56\x34\x12\x03\x00\x4d\0\0\0"s,
      "\x1e\x02\x00\x4d\0\0\0\x01\0\0\0n\x04\0\0\0\0\0\0\0\x08\0\0\0"s + std::string(8, '\0'),
  };
  for (const std::string& packet : whole) {
    REQUIRE(parse_command(ByteView::of(packet)));
    for (std::size_t size = 1; size < packet.size(); ++size) {
      INFO("code " << int(packet[0]) << " cut to " << size);
      CHECK_FALSE(parse_command(ByteView::of(packet).sub(0, size)));
    }
  }
  CHECK_FALSE(parse_command({}));
  const std::string lengths_that_lie = "\x1e\x02\x00\x4d\0\0\0\xff\xff\xff\xff"s + std::string(40, 'n');
  CHECK_FALSE(parse_command(ByteView::of(lengths_that_lie)));
}
