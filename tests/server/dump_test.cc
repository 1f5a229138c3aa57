#include <catch2/catch.hpp>
#include <filesystem>

#include "relay/base/crc32.h"
#include "relay/binlog/format_description.h"
#include "tests/server/dump_tools.h"

using namespace relay;
using namespace relay::testing;

namespace {

// Two files: three transactions and one more.
struct TwoFiles {
  explicit TwoFiles(const std::string& like) : spool(like) {
    spool.start_file();
    for (std::uint64_t i = 1; i <= 3; ++i) spool.add(i);
    spool.start_file();
    spool.add(4);
    server = spool.serve();
  }
  SampleSpool spool;
  std::unique_ptr<server::ReplicaServer> server;
};

std::uint32_t crc_of(const std::string& event) {
  return base::crc32(base::ByteView::of(event).sub(0, event.size() - 4));
}

std::string without_checksum(std::string event) {
  event.resize(event.size() - 4);
  const std::size_t size = event.size();
  for (std::size_t i = 0; i < 4; ++i) event[9 + i] = static_cast<char>(size >> (8 * i));
  return event;
}

}  // namespace

TEST_CASE("dump: every kind of replica gets the spool from its start, byte for byte, file after file", "[server]") {
  for (const auto& [like, sort] :
       {std::pair{"my97-nopk", ClientSort::mysql97}, std::pair{"my56-nopk", ClientSort::mysql56},
        std::pair{"ma1011-nopk", ClientSort::mariadb}}) {
    INFO(like);
    TwoFiles two(like);
    FakeReplica replica(two.server->port(), client_of(sort));
    replica.introduce();
    replica.dump("", 4);
    const auto events = replica.events();
    std::vector<std::string> expected;
    for (std::uint32_t file = 1; file <= 2; ++file) {
      expected.emplace_back("R");
      for (auto& event : events_of_file(two.spool.file(file))) expected.push_back(std::move(event));
    }
    REQUIRE(events.size() == expected.size());
    std::uint32_t file = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      INFO("event " << i << " type " << int(events[i].type()));
      CHECK(events[i].field(events[i].bytes.size() - 4) == crc_of(events[i].bytes));
      if (expected[i] != "R") {
        CHECK(events[i].bytes == expected[i]);
        continue;
      }
      CHECK(events[i].type() == kRotate);
      CHECK(events[i].flags() == 0x20);
      CHECK(events[i].next_position() == 0);
      CHECK(events[i].field(0) == 0);
      CHECK(events[i].field(5) == 9001);
      CHECK(events[i].field(19) == 4);
      CHECK(events[i].bytes.substr(27, 12) == spool::spool_file_name(++file));
    }
  }
}

TEST_CASE("dump: a client that wants no checksums gets none", "[server]") {
  for (const auto& [like, sort] :
       {std::pair{"my97-nopk", ClientSort::mysqlbinlog}, std::pair{"ma1011-nopk", ClientSort::mariadb_binlog}}) {
    TwoFiles two(like);
    FakeReplica replica(two.server->port(), client_of(sort));
    replica.introduce();
    replica.dump("spool.000002", 4);
    const auto events = replica.events();  // ends by itself: the tools do not wait
    const auto stored = events_of_file(two.spool.file(2));
    REQUIRE(events.size() == stored.size() + 1);
    CHECK(events[0].bytes.size() == 19 + 8 + 12);
    CHECK(events[0].size() == events[0].bytes.size());
    const auto format = binlog::FormatDescription::parse(base::ByteView::of(events[1].bytes));
    REQUIRE(format);
    CHECK(format->checksum == binlog::ChecksumAlgorithm::none);
    CHECK(events[1].bytes.size() == stored[0].size());
    for (std::size_t i = 1; i < stored.size(); ++i) CHECK(events[i + 1].bytes == without_checksum(stored[i]));
  }
}

TEST_CASE("dump: a client that never spoke of checksums gets none", "[server]") {
  TwoFiles two("my97-nopk");
  FakeReplica replica(two.server->port(), client_of(ClientSort::mysqlbinlog));
  replica.dump("spool.000002", 4);
  CHECK(replica.next()->bytes.size() == 19 + 8 + 12);
}

TEST_CASE("dump: started behind a file's beginning, the format description has no place and no time", "[server]") {
  TwoFiles two("my97-nopk");
  const auto stored = events_of_file(two.spool.file(1));
  const auto position = static_cast<std::uint32_t>(4 + stored[0].size() + stored[1].size());
  FakeReplica replica(two.server->port(), client_of(ClientSort::mysql97));
  replica.introduce();
  replica.dump("spool.000001", position);
  const auto events = replica.events();
  CHECK(outline(events) == "RFg1....g2....g3....rRFPg4....");
  CHECK(events[0].field(19) == position);
  CHECK(events[1].next_position() == 0);
  CHECK(binlog::FormatDescription::parse(base::ByteView::of(events[1].bytes))->created == 0);
  CHECK(events[2].bytes == stored[2]);
  CHECK(events[2].next_position() == position + stored[2].size());
}

TEST_CASE("dump: MariaDB's replica asks which GTIDs lie before the middle of a file, and gets no event of ours there",
          "[server]") {
  TwoFiles two("ma1011-nopk");
  const auto stored = events_of_file(two.spool.file(1));
  std::uint32_t position = 4;
  for (std::size_t i = 0; i < 2 + 4; ++i) position += static_cast<std::uint32_t>(stored[i].size());
  FakeReplica replica(two.server->port(), client_of(ClientSort::mariadb));
  replica.introduce();
  CHECK(replica.query("SELECT binlog_gtid_pos('spool.000001'," + std::to_string(position) + ")")[0][0] == "3-7-1");
  CHECK(replica.query("SELECT binlog_gtid_pos('',4)")[0][0] == "");
  CHECK(replica.query("SELECT binlog_gtid_pos('spool.000009',4)")[0][0] == std::nullopt);
  replica.dump("spool.000001", position);
  const auto events = replica.events();
  CHECK(outline(events) == "RFg2...g3...rRFLg4...");
  // In front of a row event: what comes first there is that.
  const auto inside = static_cast<std::uint32_t>(position + stored[6].size() + stored[7].size());
  FakeReplica again(two.server->port(), client_of(ClientSort::mariadb));
  again.introduce();
  again.dump("spool.000001", inside);
  CHECK(outline(again.events()) == "RF..g3...rRFLg4...");
}

TEST_CASE("dump: places that do not exist are refused in a source's words", "[server]") {
  TwoFiles two("my97-nopk");
  const auto stored = events_of_file(two.spool.file(1));
  const auto size = static_cast<std::uint32_t>(two.spool.file(1).size());
  struct Sample {
    std::string file;
    std::uint32_t position;
    std::string outline;
    const char* message;
  };
  const std::vector<Sample> samples = {
      {"spool.000003", 4, "", "Could not find first log file name in binary log index file"},
      {"binlog.000001", 4, "", "Could not find first log file name in binary log index file"},
      {"../spool.000001", 4, "", "Could not find first log file name in binary log index file"},
      {"spool.000001", 3, "", "Client requested source to start replication from position < 4"},
      {"spool.000001", size + 1, "", "Client requested source to start replication from position > file size"},
      {"spool.000001", 5, "RF", "binlog truncated in the middle of event"},
      {"spool.000001", size - 3, "RF", "binlog truncated in the middle of event"},
      {"spool.000001", static_cast<std::uint32_t>(4 + stored[0].size() + stored[1].size() + 19), "RF",
       "binlog truncated in the middle of event"},
  };
  for (const Sample& sample : samples) {
    INFO(sample.file << ":" << sample.position);
    FakeReplica replica(two.server->port(), client_of(ClientSort::mysql97));
    replica.introduce();
    replica.dump(sample.file, sample.position);
    std::vector<ReceivedEvent> events;
    std::string message;
    CHECK(error_of(
              [&] {
                for (;;) events.push_back(*replica.next());
              },
              &message) == 1236);
    CHECK_THAT(message, Catch::StartsWith(sample.message));
    CHECK(outline(events) == sample.outline);
  }
}

TEST_CASE("dump: the very end of a file and of the spool are places to start", "[server]") {
  TwoFiles two("my97-nopk");
  for (const std::uint32_t file : {1U, 2U}) {
    FakeReplica replica(two.server->port(), client_of(ClientSort::mysql97));
    replica.introduce();
    replica.dump(spool::spool_file_name(file), static_cast<std::uint32_t>(two.spool.file(file).size()));
    CHECK(outline(replica.events()) == (file == 1 ? "RFRFPg4...." : "RF"));
  }
}

TEST_CASE("dump: new transactions arrive when they are published, unfinished ones do not", "[server]") {
  TwoFiles two("my97-nopk");
  FakeReplica replica(two.server->port(), client_of(ClientSort::mysql97, 0));
  replica.introduce();
  replica.dump("spool.000002", static_cast<std::uint32_t>(two.spool.file(2).size()));
  for (int i = 0; i < 2; ++i) static_cast<void>(replica.next());
  two.spool.add(5);
  std::vector<ReceivedEvent> events;
  for (int i = 0; i < 5; ++i) events.push_back(*replica.next());
  CHECK(outline(events) == "g5....");
  two.spool.add_unfinished(6);
  CHECK_THROWS_AS(replica.next(std::chrono::milliseconds(300)), ConnectionLost);
}

TEST_CASE("dump: heartbeats come in the period asked for, with the end of the last event", "[server]") {
  for (const auto& [like, sort, type] : {std::tuple{"my97-nopk", ClientSort::mysql97, kHeartbeatV2},
                                         std::tuple{"my56-nopk", ClientSort::mysql56, kHeartbeat},
                                         // Flag 0x2 of 9.7, but a source whose format description knows no version 2.
                                         std::tuple{"my56-nopk", ClientSort::mysql97, kHeartbeat},
                                         std::tuple{"ma1011-nopk", ClientSort::mariadb, kHeartbeat}}) {
    INFO(like);
    TwoFiles two(like);
    FakeReplica replica(two.server->port(), client_of(sort, 30'000'000));
    replica.introduce();
    // From here on: what is received late must not shorten the time.
    const auto begin = std::chrono::steady_clock::now();
    replica.dump("", 4);
    auto event = replica.next();
    while (event->type() != kHeartbeat && event->type() != kHeartbeatV2) event = replica.next();
    for (int i = 0; i < 5; ++i) {
      CHECK(event->type() == type);
      CHECK(event->next_position() == two.spool.position().offset);
      CHECK(event->field(event->bytes.size() - 4) == crc_of(event->bytes));
      const std::string body = event->bytes.substr(19, event->bytes.size() - 23);
      if (type == kHeartbeat) {
        CHECK(body == "spool.000002");
      } else {
        CHECK(body.substr(0, 14) == "\x01\x0cspool.000002");
      }
      event = replica.next();
    }
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(170));
  }
}

TEST_CASE("dump: events about as long as a packet arrive whole", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  spool.add(1);
  const std::size_t overhead = ReceivedEvent{events_of_file(spool.file(1))[5]}.size() - 20;
  std::uint64_t number = 1;
  const std::vector<std::pair<std::size_t, std::size_t>> sizes = {
      {16777213, 1}, {16777214, 2}, {16777215, 2}, {16777216, 2}};
  for (const auto& [size, packets] : sizes) spool.add(++number, size - overhead);
  const auto stored = events_of_file(spool.file(1));
  const auto server = spool.serve();
  for (const ClientSort sort : {ClientSort::mysql97, ClientSort::mysqlbinlog}) {
    FakeReplica replica(server->port(), client_of(sort, 1'000'000'000));
    replica.introduce();
    replica.dump("", 4);
    const auto events = replica.events();
    REQUIRE(events.size() == stored.size() + 1);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const ReceivedEvent& event = events[1 + 2 + 5 + i * 5 + 3];
      const std::string& expected = stored[2 + 5 + i * 5 + 3];
      REQUIRE(expected.size() == sizes[i].first);
      CHECK(event.type() == kWriteRowsV2);
      // 16777214 bytes and the 00 before them fill a packet: an empty one follows.
      if (sort == ClientSort::mysql97) {
        CHECK(event.packets == sizes[i].second);
        CHECK((event.bytes == expected));
      } else {
        CHECK((event.bytes == without_checksum(expected)));
      }
    }
  }
}

TEST_CASE("dump: a large event that cannot be read to its end ends the connection, not the packet", "[server]") {
  SampleSpool spool("my97-nopk");
  spool.start_file();
  spool.add(1, 20'000'000);
  std::filesystem::resize_file(spool.index().path(1), spool.file(1).size() - 5'000'000);
  const auto server = spool.serve();
  FakeReplica replica(server->port(), client_of(ClientSort::mysql97, 0));
  replica.introduce();
  replica.dump("", 4);
  for (int i = 0; i < 6; ++i) REQUIRE(replica.next());  // up to the table map
  // An error packet would be taken for the missing bytes of the event.
  CHECK_THROWS_AS(replica.next(), ConnectionLost);
}

TEST_CASE("dump: a spool of golden binlogs is served as it is", "[server]") {
  for (const char* name : {"my97-types-fullmeta", "my56-types", "ma1011-types-full", "ma118-nopk", "my97-ddl-xa-tag"}) {
    INFO(name);
    SampleSpool spool(name);
    spool.add_golden(name);
    const auto server = spool.serve();
    const bool mariadb = name[1] == 'a';
    FakeReplica replica(server->port(), client_of(mariadb ? ClientSort::mariadb : ClientSort::mysql97));
    replica.introduce();
    replica.dump("", 4);
    std::string received;
    const auto events = replica.events();
    for (std::size_t i = 1; i < events.size(); ++i) received += events[i].bytes;
    CHECK((received == spool.file(1).substr(4)));
  }
}
