#include "relay/app/pipeline.h"

#include <catch2/catch.hpp>

#include "tests/app/pipeline_tester.h"

namespace relay::app {
namespace {

TEST_CASE("pipeline: a transaction that the spool has already is passed over", "[app]") {
  testing::PipelineTester relay("FttrtFrt", binlog::Flavor::mysql);
  REQUIRE(relay.open());
  REQUIRE(relay.play());
  CHECK(relay.replica() == std::vector<std::uint64_t>{1, 2, 3, 4});
}

}  // namespace
}  // namespace relay::app
