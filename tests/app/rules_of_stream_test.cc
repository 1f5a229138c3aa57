#include "relay/app/rules_of_stream.h"

#include <catch2/catch.hpp>

#include "relay/app/rules_in_force.h"
#include "relay/spool/spool_index.h"
#include "tests/support/faulty_file.h"

namespace relay::app {
namespace {

using testing::FaultyFileSystem;

Configuration with_spool() {
  Configuration configuration;
  configuration.spool.directory = "spool";
  return configuration;
}

// A spool that began under the rules `first` and went on under `then`.
void make_spool(FaultyFileSystem& files, const std::string& first, const std::string& then) {
  REQUIRE(files.create_directory("spool"));
  spool::SpoolIndex index(files, "spool");
  REQUIRE(index.load());
  spool::SpoolFileEntry entry;
  entry.number = 1;
  entry.source.id = "uuid";
  entry.source_start = {"binlog.000001", 4};
  entry.source_version = "9.7.4";
  entry.rules_digest = first;
  REQUIRE(index.add(entry));
  REQUIRE(index.change_rules({4, then, 0}));
}

bool made_now(FaultyFileSystem& files, const std::string& digest) {
  return check_rules_of_stream(files, with_spool(), digest).has_value();
}

bool loaded_now(FaultyFileSystem& files, const std::string& digest) {
  return check_rules_of_snapshot(files, with_spool(), digest).has_value();
}

}  // namespace

TEST_CASE("rules_of_stream: without a spool, or with an empty one, any rules fit", "[app]") {
  FaultyFileSystem files;
  CHECK(made_now(files, "one"));
  CHECK(loaded_now(files, "one"));
  REQUIRE(files.create_directory("spool"));
  CHECK(made_now(files, "one"));
  CHECK(loaded_now(files, "one"));
}

TEST_CASE("rules_of_stream: a snapshot is made by the rules that the spool goes on under, and no others", "[app]") {
  FaultyFileSystem files;
  make_spool(files, "one", "two");
  CHECK(made_now(files, "two"));
  CHECK_FALSE(made_now(files, "one"));
  CHECK_FALSE(made_now(files, "three"));
}

TEST_CASE("rules_of_stream: a snapshot is loaded that was made by rules that were in force once", "[app]") {
  FaultyFileSystem files;
  make_spool(files, "one", "two");
  REQUIRE(base::replace_file(files, kept_rules_path("spool", "one"), base::ByteView::of("{}")));
  CHECK(loaded_now(files, "one"));
  CHECK(loaded_now(files, "two"));
  CHECK_FALSE(loaded_now(files, "three"));
}

}  // namespace relay::app
