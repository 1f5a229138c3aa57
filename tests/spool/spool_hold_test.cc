#include "relay/spool/spool_hold.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::spool {
namespace {

using testing::FaultyFileSystem;
using Holds = std::vector<SpoolHold>;

TEST_CASE("spool_hold: is read as it was placed, replaced by its name, and released", "[spool]") {
  FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  REQUIRE(read_holds(files, "spool"));
  CHECK(read_holds(files, "spool")->empty());
  REQUIRE(place_hold(files, "spool", {"b1", 7, 4000000000}));
  REQUIRE(place_hold(files, "spool", {"a2", 3, 5}));
  CHECK(read_holds(files, "spool").value() == Holds{{"a2", 3, 5}, {"b1", 7, 4000000000}});
  REQUIRE(place_hold(files, "spool", {"a2", 8, 9}));
  CHECK(read_holds(files, "spool").value() == Holds{{"a2", 8, 9}, {"b1", 7, 4000000000}});
  REQUIRE(release_hold(files, "spool", "a2"));
  REQUIRE(release_hold(files, "spool", "a2"));
  CHECK(read_holds(files, "spool").value() == Holds{{"b1", 7, 4000000000}});
}

TEST_CASE("spool_hold: one that cannot be read is an error that names it", "[spool]") {
  for (const std::string text : {"", "{", "[]", "{}", R"({"from": 1})", R"({"from": -1, "until": 2})",
                                 R"({"from": 1, "until": 4294967296})", R"({"from": "1", "until": 2})"}) {
    INFO(text);
    FaultyFileSystem files;
    REQUIRE(files.create_directory("spool"));
    REQUIRE(place_hold(files, "spool", {"a", 1, 2}));
    files.set_content("spool/hold.b.json", text);
    const auto holds = read_holds(files, "spool");
    REQUIRE_FALSE(holds);
    CHECK(holds.error().kind() == base::ErrorKind::malformed);
    CHECK(holds.error().message().find("hold.b.json") != std::string::npos);
  }
}

}  // namespace
}  // namespace relay::spool
