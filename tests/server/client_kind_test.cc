#include "relay/server/client_kind.h"

#include <catch2/catch.hpp>

using namespace relay::server;
using relay::binlog::Flavor;

namespace {

ClientKind kind(const std::string& name, const std::string& version) {
  relay::wire::HandshakeResponse response;
  response.attributes = {{"_client_name", name}, {"_client_version", version}};
  return client_kind_of(response);
}

SourceFacts source(Flavor flavor, const std::string& version) {
  return {flavor, version, version_number(version), true};
}

}  // namespace

TEST_CASE("client_kind: attributes tell flavour and version", "[server]") {
  CHECK(kind("libmysql", "9.7.4").name() == "MySQL 9.7.4");
  CHECK(kind("libmysql", "5.6.24").version == 50624);
  CHECK(kind("libmysql", "10.5.23").name() == "MariaDB 10.5.23");
  CHECK(kind("libmariadb", "3.3.8").name() == "MariaDB");
  CHECK(kind("", "").name() == "unknown client");
  CHECK(kind("libmysql", "9.7.4\nforged log line").name() == "MySQL 9.7.4");
  CHECK(kind("libmysql", std::string(1000, '9')).name().size() < 50);
}

TEST_CASE("client_kind: pairs that cannot work are refused and both sides named", "[server]") {
  struct Sample {
    Flavor source_flavor;
    const char* source_version;
    const char* client_version;
    bool refused;
  };
  const std::vector<Sample> samples = {
      {Flavor::mysql, "9.7.4", "9.7.4", false},
      {Flavor::mysql, "5.6.24-log", "9.7.4", false},
      {Flavor::mysql, "5.6.24-log", "5.6.24", false},
      {Flavor::mysql, "9.7.4", "5.6.24", true},
      {Flavor::mysql, "9.7.4", "10.11.19", true},
      {Flavor::mysql, "5.6.24-log", "10.5.23", true},
      {Flavor::mariadb, "10.5.23-MariaDB-log", "9.7.4", true},
      {Flavor::mariadb, "10.11.19-MariaDB-log", "5.6.24", true},
      {Flavor::mariadb, "11.8.6-MariaDB-log", "10.5.23", true},
      {Flavor::mariadb, "11.8.6-MariaDB-log", "10.11.19", false},
      {Flavor::mariadb, "10.11.19-MariaDB-log", "10.5.23", false},
      {Flavor::mariadb, "10.11.19-MariaDB-log", "11.8.6", false},
  };
  for (const Sample& sample : samples) {
    INFO(sample.client_version << " behind " << sample.source_version);
    const auto reason =
        refusal_of(kind("libmysql", sample.client_version), source(sample.source_flavor, sample.source_version));
    CHECK(reason.has_value() == sample.refused);
    if (!reason) continue;
    CHECK(reason->find(sample.client_version) != std::string::npos);
    CHECK(reason->find(source(sample.source_flavor, sample.source_version).name()) != std::string::npos);
  }
}

TEST_CASE("client_kind: a client of which nothing is known is not refused", "[server]") {
  CHECK_FALSE(refusal_of(ClientKind{}, source(Flavor::mariadb, "11.8.6-MariaDB")));
}

TEST_CASE("source_facts: MariaDB up to 10 greets with 5.5.5- in front", "[server]") {
  CHECK(source(Flavor::mariadb, "10.11.19-MariaDB-log").greeting_version() == "5.5.5-10.11.19-MariaDB-log");
  CHECK(source(Flavor::mariadb, "11.8.6-MariaDB-log").greeting_version() == "11.8.6-MariaDB-log");
  CHECK(source(Flavor::mysql, "9.7.4").greeting_version() == "9.7.4");
  CHECK(source(Flavor::mariadb, "10.11.19-MariaDB-log").name() == "MariaDB 10.11.19");
  CHECK(version_number("5.6.24-log") == 50624);
  CHECK(version_number("") == 0);
  CHECK(version_number("eight") == 0);
}
