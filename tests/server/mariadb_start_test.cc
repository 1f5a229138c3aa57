#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/server/dump_tools.h"

using namespace relay;
using namespace relay::testing;

namespace {

// GTIDs 3-7-10 to 3-7-12, 3-7-20 and 3-7-21, and 3-7-30.
struct ThreeFiles {
  ThreeFiles() : spool("ma1011-nopk") {
    for (const std::vector<std::uint64_t>& numbers : {std::vector<std::uint64_t>{10, 11, 12}, {20, 21}, {30}}) {
      spool.start_file();
      for (const std::uint64_t number : numbers) spool.add(number);
    }
    server = spool.serve();
  }
  std::vector<ReceivedEvent> dump(const std::string& state, const std::vector<std::string>& settings = {}) {
    FakeReplica replica(server->port(), client_of(ClientSort::mariadb));
    replica.introduce(state);
    for (const std::string& setting : settings) replica.query(setting);
    // After a reconnect the packet has the last file and position: they mean nothing.
    replica.dump("spool.000001", 300);
    return replica.events();
  }
  SampleSpool spool;
  std::unique_ptr<server::ReplicaServer> server;
};

}  // namespace

TEST_CASE("mariadb start: a replica gets exactly what follows its GTID", "[server]") {
  ThreeFiles three;
  struct Sample {
    const char* state;
    const char* outline;
  };
  for (const Sample& sample :
       {Sample{"", "RFLg10...g11...g12...rRFLg20...g21...rRFLg30..."},
        Sample{"3-7-10", "RFLg11...g12...rRFLg20...g21...rRFLg30..."}, Sample{"3-7-12", "RFLg20...g21...rRFLg30..."},
        Sample{"3-7-20", "RFLg21...rRFLg30..."}, Sample{"3-7-21", "RFLg30..."}, Sample{"3-7-30", "RFL"},
        // A GTID that was never here: what comes after it, from within a file and from a file's start.
        Sample{"3-7-15", "RFLg20...g21...rRFLg30..."}, Sample{"3-7-25", "RFLg30..."},
        // Another source's domain beside ours.
        Sample{"3-7-20,5-1-99", "RFLg21...rRFLg30..."}}) {
    INFO("at " << sample.state);
    const std::string text = outline(three.dump(sample.state));
    // Files that are passed over as a whole leave only their own events.
    CHECK(text.substr(text.size() - std::min(text.size(), std::string(sample.outline).size())) == sample.outline);
    CHECK(std::count(text.begin(), text.end(), 'g') ==
          std::count(sample.outline, sample.outline + std::strlen(sample.outline), 'g'));
  }
}

TEST_CASE("mariadb start: the group that the connection broke in is served again, event for event", "[server]") {
  ThreeFiles three;
  const auto whole = three.dump("3-7-10");
  const auto again = three.dump("3-7-11");
  // From 3-7-12 on the same bytes.
  const std::size_t left_out = 4;
  REQUIRE(whole.size() == again.size() + left_out);
  for (std::size_t i = 3; i < again.size(); ++i) CHECK(whole[i + left_out].bytes == again[i].bytes);
}

TEST_CASE("mariadb start: a GTID that is ahead of everything is not in the binlog", "[server]") {
  ThreeFiles three;
  std::string message;
  for (const char* state : {"3-7-31", "3-8-12"}) {
    CHECK(error_of([&] { three.dump(state); }, &message) == 1236);
    CHECK(message == std::string("Error: connecting slave requested to start from GTID ") + state +
                         ", which is not in the master's binlog");
  }
}

TEST_CASE("mariadb start: a replica that ignores duplicates and is ahead is waited for", "[server]") {
  ThreeFiles three;
  FakeReplica replica(three.server->port(), client_of(ClientSort::mariadb));
  replica.introduce("3-7-31");
  replica.query("SET @slave_gtid_ignore_duplicates=1");
  replica.dump("", 4);
  CHECK(outline(replica.events()) == "RFL");
  three.spool.add(31);
  three.spool.add(32);
  auto event = replica.next();
  while (event->type() == kHeartbeat) event = replica.next();
  CHECK(outline({*event}) == "g32");
}

TEST_CASE("mariadb start: strict mode does not start from a GTID that was left out", "[server]") {
  ThreeFiles three;
  std::string message;
  CHECK(error_of([&] { three.dump("3-7-15", {"SET @slave_gtid_strict_mode=1"}); }, &message) == 1236);
  CHECK_THAT(message, Catch::StartsWith("The binlog on the master is missing the GTID 3-7-15 requested by the slave"));
}

TEST_CASE("mariadb start: purged GTIDs are refused", "[server]") {
  ThreeFiles three;
  REQUIRE(three.spool.index().remove_oldest(1));
  CHECK(outline(three.dump("3-7-12")) == "RFLg20...g21...rRFLg30...");
  for (const char* state : {"3-7-11", "", "5-1-1"}) {
    std::string message;
    CHECK(error_of([&] { three.dump(state); }, &message) == 1236);
    CHECK_THAT(message, Catch::StartsWith("Could not find GTID state requested by slave in any binlog files."));
  }
}

TEST_CASE("mariadb start: a state that cannot be read is refused", "[server]") {
  ThreeFiles three;
  for (const char* state : {"nonsense", "3-7", "3-7-10,3-7-11x", "99999999999-1-1"}) {
    CHECK(error_of([&] { three.dump(state); }) == 1236);
  }
}
