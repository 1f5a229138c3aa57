#include "relay/seed/replica_position.h"

#include <catch2/catch.hpp>

#include "relay/seed/replica_error.h"
#include "relay/seed/replica_line.h"
#include "relay/seed/replica_status.h"
#include "relay/source/client_error.h"

namespace relay::seed {

namespace {

source::SourceFacts server(binlog::Flavor flavor, std::uint32_t version) {
  source::SourceFacts facts;
  facts.flavor = flavor;
  facts.version_number = version;
  return facts;
}

const FollowTarget kThroughTunnel{"127.0.0.1", 3307, "cloud", FollowTls::off, "", "", "", true};

}  // namespace

TEST_CASE("replica_position: each version is told in its own words where to follow", "[seed]") {
  using binlog::Flavor;
  CHECK(change_source_statement(server(Flavor::mysql, 90704), kThroughTunnel, {}, "p'w") ==
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=3307, SOURCE_USER='cloud', "
        "SOURCE_PASSWORD='p''w', SOURCE_AUTO_POSITION=1, SOURCE_RETRY_COUNT=0, SOURCE_CONNECT_RETRY=1, "
        "SOURCE_HEARTBEAT_PERIOD=5, SOURCE_SSL=0, GET_SOURCE_PUBLIC_KEY=1");
  CHECK(change_source_statement(server(Flavor::mysql, 50624), kThroughTunnel, FollowPlace{"spool.000002", 300}, "x") ==
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=3307, MASTER_USER='cloud', MASTER_PASSWORD='x', "
        "MASTER_LOG_FILE='spool.000002', MASTER_LOG_POS=300, MASTER_AUTO_POSITION=0, MASTER_RETRY_COUNT=0, "
        "MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=5, MASTER_SSL=0");
  CHECK(change_source_statement(server(Flavor::mariadb, 101118), kThroughTunnel, {}, "x") ==
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=3307, MASTER_USER='cloud', MASTER_PASSWORD='x', "
        "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=5, MASTER_SSL=0");
  CHECK(start_statement(server(Flavor::mysql, 90704)) == "START REPLICA");
  CHECK(start_statement(server(Flavor::mysql, 50744)) == "START SLAVE");
  CHECK(start_statement(server(Flavor::mariadb, 110802)) == "START SLAVE");
}

TEST_CASE("replica_position: a password is not given to whose key nobody vouches for", "[seed]") {
  FollowTarget target = kThroughTunnel;
  target.host = "relay.example.no";
  target.is_protected = false;
  const source::SourceFacts replica = server(binlog::Flavor::mysql, 90704);
  CHECK(change_source_statement(replica, target, {}, "x").find("PUBLIC_KEY") == std::string::npos);
  target.tls = FollowTls::mutual;
  target.tls_ca = "/ca.pem";
  target.tls_cert = "/c.pem";
  target.tls_key = "/k.pem";
  const std::string text = change_source_statement(replica, target, {}, "x");
  CHECK(
      text.ends_with("SOURCE_SSL=1, SOURCE_SSL_VERIFY_SERVER_CERT=1, SOURCE_SSL_CA='/ca.pem', "
                     "SOURCE_SSL_CERT='/c.pem', SOURCE_SSL_KEY='/k.pem'"));
}

TEST_CASE("replica_status: who is followed is told apart, in the words of each version", "[seed]") {
  const source::NamedRow old_words = {{"Master_Host", "127.0.0.1"}, {"Master_Port", "3307"},
                                      {"Master_User", "cloud"},     {"Slave_IO_Running", "Connecting"},
                                      {"Slave_SQL_Running", "Yes"}, {"Last_IO_Errno", "1045"}};
  const auto followed = read_followed({old_words});
  REQUIRE(followed.size() == 1);
  CHECK(followed[0].following == Following::connecting);
  CHECK(is_refusal(followed[0].connect_error));
  CHECK_FALSE(is_refusal(2003));
  CHECK(follows_only(followed, kThroughTunnel));
  source::NamedRow new_words = {{"Source_Host", "127.0.0.1"},
                                {"Source_Port", "3307"},
                                {"Source_User", "cloud"},
                                {"Replica_IO_Running", "Yes"},
                                {"Replica_SQL_Running", "Yes"}};
  CHECK(read_followed({new_words})[0].following == Following::yes);
  CHECK(follows_only(read_followed({new_words}), kThroughTunnel));
  CHECK_FALSE(follows_only(read_followed({new_words, old_words}), kThroughTunnel));
  CHECK_FALSE(follows_only({}, kThroughTunnel));
  for (const auto& [column, text] : source::NamedRow{
           {"Channel_Name", "x"}, {"Source_Host", "127.0.0.2"}, {"Source_Port", "3308"}, {"Source_User", "root"}}) {
    source::NamedRow other = new_words;
    other[column] = text;
    CHECK_FALSE(follows_only(read_followed({other}), kThroughTunnel));
  }
  new_words["Replica_SQL_Running"] = "No";
  CHECK(read_followed({new_words})[0].following == Following::stopped);
  // Told, and not running: what it was told is there all the same.
  new_words["Replica_IO_Running"] = "No";
  CHECK(read_followed({new_words})[0].following == Following::no);
  CHECK(read_followed({{{"Source_Host", ""}, {"Replica_IO_Running", "No"}}}).empty());
}

TEST_CASE("replica_error: errors of a replica speak of the replica, and no other", "[seed]") {
  for (const unsigned number : {1045U, 1064U, 1205U, 2003U, 2013U, 2020U, 4031U, 9999U}) {
    const base::Error theirs = source::client_error(number, "");
    const base::Error ours = replica_error(theirs);
    INFO(number);
    CHECK(ours.message().find("source") == std::string::npos);
    CHECK(ours.kind() == theirs.kind());
    CHECK(ours.system_code() == static_cast<int>(number));
  }
  CHECK(replica_error(base::Error(base::ErrorKind::malformed, "a file")).what() == "a file");
}

TEST_CASE("replica_line: lost lines and locks pass, what files and replicas say for good does not", "[seed]") {
  for (const unsigned number : {2013U, 2003U, 2006U, 1053U, 1205U, 1213U, 1040U}) {
    CHECK(passes(replica_error(source::client_error(number, ""))));
  }
  for (const unsigned number : {1045U, 1062U, 1064U, 1114U, 1153U}) {
    CHECK_FALSE(passes(replica_error(source::client_error(number, ""))));
  }
  CHECK_FALSE(passes(base::Error(base::ErrorKind::malformed, "a file")));
  CHECK_FALSE(passes(base::Error(base::ErrorKind::io, "a file cannot be read").code(5)));
}

}  // namespace relay::seed
