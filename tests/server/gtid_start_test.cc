#include <catch2/catch.hpp>

#include "relay/binlog/gtid_set.h"
#include "tests/server/dump_tools.h"
#include "tests/spool/event_samples.h"

using namespace relay;
using namespace relay::testing;

std::string relay::testing::mysql_set(const std::string& intervals) {
  base::Buffer out;
  const std::string text = intervals.empty() ? "" : binlog::uuid_text(sample_uuid()) + ":" + intervals;
  binlog::MysqlGtidSet::parse_text(text)->encode_binary(out);
  return std::string(out.view().text());
}

namespace {

// Transactions 1 to 3, 4 and 5, and 6.
struct ThreeFiles {
  explicit ThreeFiles(const std::string& like = "my97-nopk") : spool(like) {
    std::uint64_t number = 0;
    for (const std::uint64_t last : {3U, 5U, 6U}) {
      spool.start_file();
      while (number < last) spool.add(++number);
    }
    server = spool.serve();
  }
  std::vector<ReceivedEvent> dump(const std::string& set, ClientSort sort = ClientSort::mysql97,
                                  std::uint64_t heartbeat = 20'000'000) {
    FakeReplica replica(server->port(), client_of(sort, heartbeat));
    replica.introduce();
    replica.dump_gtid(mysql_set(set));
    return replica.events();
  }
  SampleSpool spool;
  std::unique_ptr<server::ReplicaServer> server;
};

}  // namespace

TEST_CASE("gtid start: a replica gets exactly the transactions that it lacks", "[server]") {
  ThreeFiles three;
  struct Sample {
    const char* set;
    const char* outline;
  };
  // What is passed over at the beginning is announced by a heartbeat, at which events() stops: the rest is read below.
  for (const Sample& sample :
       {Sample{"", "RFPg1....g2....g3....rRFPg4....g5....rRFPg6...."}, Sample{"1-3", "RFPg4....g5....rRFPg6...."},
        Sample{"1-5", "RFPg6...."}, Sample{"1-6", "RFP"}, Sample{"1-9", "RFP"}}) {
    INFO("has " << sample.set);
    CHECK(outline(three.dump(sample.set)) == sample.outline);
  }
}

TEST_CASE("gtid start: transactions in the middle are passed over, and a heartbeat moves the replica over them",
          "[server]") {
  ThreeFiles three;
  FakeReplica replica(three.server->port(), client_of(ClientSort::mysql97, 1'000'000'000'000));
  replica.introduce();
  replica.dump_gtid(mysql_set("2:5:6"));
  std::string text;
  std::vector<std::uint32_t> heartbeats;
  for (int i = 0; i < 29; ++i) {
    const auto event = *replica.next();
    if (event.type() == kHeartbeatV2) heartbeats.push_back(event.next_position());
    text += event.type() == kHeartbeatV2 ? "h" : outline({event});
  }
  CHECK(text == "RFPg1....hg3....rRFPg4....hrRFPh");
  const auto first = events_of_file(three.spool.file(1));
  std::size_t end_of_second = 4;
  for (std::size_t i = 0; i < 2 + 5 + 5; ++i) end_of_second += first[i].size();
  const auto second = events_of_file(three.spool.file(2));
  REQUIRE(heartbeats.size() == 3);
  CHECK(heartbeats[0] == end_of_second);
  CHECK(heartbeats[1] == three.spool.file(2).size() - second.back().size());
  CHECK(heartbeats[2] == three.spool.position().offset);
}

TEST_CASE("gtid start: a replica that has something must not think that its source restarted", "[server]") {
  ThreeFiles three;
  const auto created = [](const ReceivedEvent& event) { return event.field(19 + 2 + 50); };
  CHECK(created(three.dump("")[1]) == ReceivedEvent{events_of_file(three.spool.file(1))[0]}.field(19 + 2 + 50));
  const auto resumed = three.dump("1-2");
  CHECK(created(resumed[1]) == 0);
  CHECK(resumed[1].next_position() != 0);
}

TEST_CASE("gtid start: name and position of the command mean nothing", "[server]") {
  ThreeFiles three("my56-nopk");
  CHECK(outline(three.dump("1-5", ClientSort::mysql56)) == "RFPg6....");
}

TEST_CASE("gtid start: purged transactions are refused in a source's words, with what is missing", "[server]") {
  ThreeFiles three;
  REQUIRE(three.spool.index().remove_oldest(2));
  CHECK(outline(three.dump("1-5")) == "RFPg6....");
  std::string message;
  CHECK(error_of([&] { three.dump("1-2:4"); }, &message) == 1236);
  CHECK_THAT(message, Catch::StartsWith("Cannot replicate because the source purged required binary logs."));
  const std::string uuid = binlog::uuid_text(sample_uuid());
  CHECK_THAT(message,
             Catch::Contains("'" + uuid + ":1-2:4'") && Catch::Contains("missing transactions are '" + uuid + ":3:5'"));
  CHECK_THAT(message, !Catch::Contains("\n"));
}

TEST_CASE("gtid start: 5.6 words the same as 5.6 does", "[server]") {
  ThreeFiles three("my56-nopk");
  REQUIRE(three.spool.index().remove_oldest(1));
  std::string message;
  CHECK(error_of([&] { three.dump("1-2", ClientSort::mysql56); }, &message) == 1236);
  CHECK_THAT(message, Catch::StartsWith("The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1"));
}

TEST_CASE("gtid start: a set that cannot be read is refused", "[server]") {
  ThreeFiles three;
  for (const std::string& set : {std::string("short"), std::string(8, '\xff'), mysql_set("1-3") + "x"}) {
    FakeReplica replica(three.server->port(), client_of(ClientSort::mysql97));
    replica.introduce();
    replica.dump_gtid(set);
    CHECK(error_of([&] { static_cast<void>(replica.next()); }) == 1236);
  }
}

TEST_CASE("gtid start: the source's GTID mode is known from the spool alone", "[server]") {
  ThreeFiles with;
  CHECK(FakeReplica(with.server->port(), {}).query("SELECT @@GLOBAL.GTID_MODE")[0][0] == "ON");
  // Only the start of a file is there: the source is asked, and if it does not know either, the replica comes again.
  SampleSpool empty("my97-nopk");
  empty.start_file();
  auto settings = empty.settings();
  settings.source_gtid_mode = [] { return std::optional<bool>(false); };
  const auto told = empty.serve(std::move(settings));
  CHECK(FakeReplica(told->port(), {}).query("SELECT @@GLOBAL.GTID_MODE")[0][0] == "OFF");
  const auto untold = empty.serve();
  CHECK(error_of([&] { FakeReplica(untold->port(), {}).query("SELECT @@GLOBAL.GTID_MODE"); }) == 1105);
}
