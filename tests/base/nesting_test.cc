#include "relay/base/nesting.h"

#include <catch2/catch.hpp>
#include <string>

namespace relay::base {
namespace {

std::string repeated(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST_CASE("nesting: a TOML key of very many parts", "[base]") {
  CHECK_FALSE(may_be_deep_toml(""));
  CHECK_FALSE(may_be_deep_toml(repeated("a.b = '...'\n", 5000)));
  CHECK_FALSE(may_be_deep_toml(repeated("a.", 1000) + "a = 1"));
  CHECK(may_be_deep_toml(repeated("a.", 1001) + "a = 1"));
  CHECK(may_be_deep_toml("[" + repeated("\"=\".", 1001) + "a]"));
}

TEST_CASE("nesting: JSON of very many levels", "[base]") {
  CHECK_FALSE(is_deep_json(""));
  CHECK_FALSE(is_deep_json(repeated("[]", 1000)));
  CHECK_FALSE(is_deep_json(repeated("[", 100) + repeated("]", 100)));
  CHECK(is_deep_json(repeated("[", 101)));
  CHECK(is_deep_json(repeated("{\"a\":", 101)));
  INFO("in a text they are signs like any others");
  CHECK_FALSE(is_deep_json("\"" + repeated("[", 101) + "\""));
  CHECK(is_deep_json("\"\\\"\"" + repeated("[", 101)));
  CHECK_FALSE(is_deep_json("\"\\"));
}

}  // namespace
}  // namespace relay::base
