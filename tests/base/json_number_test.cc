#include "relay/base/json_number.h"

#include <catch2/catch.hpp>
#include <cstdint>

namespace relay::base {
namespace {

using nlohmann::json;

TEST_CASE("json_number: a whole number that fits is taken, and nothing else", "[base]") {
  CHECK(whole_number<std::uint32_t>(json::parse("4294967295")) == 4294967295);
  CHECK(whole_number<std::uint64_t>(json::parse("18446744073709551615")) == 18446744073709551615U);
  for (const char* text : {"-1", "1.0", "1e3", "18446744073709551616", "666666666666666666666666666666666666666666",
                           "true", "null", "\"1\"", "[1]"}) {
    INFO(text);
    CHECK_THROWS_AS(whole_number<std::uint64_t>(json::parse(text)), json::exception);
  }
  CHECK_THROWS_AS(whole_number<std::uint32_t>(json::parse("4294967296")), json::exception);
}

}  // namespace
}  // namespace relay::base
