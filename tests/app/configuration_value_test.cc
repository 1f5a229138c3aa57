#include "relay/app/configuration_value.h"

#include <catch2/catch.hpp>

namespace relay::app::testing {

TEST_CASE("configuration_value: lengths of time", "[app]") {
  using std::chrono::milliseconds;
  CHECK(parse_duration("500ms") == milliseconds(500));
  CHECK(parse_duration("1s") == milliseconds(1000));
  CHECK(parse_duration("10m") == milliseconds(600'000));
  CHECK(parse_duration("2h") == milliseconds(7'200'000));
  CHECK(parse_duration("7d") == milliseconds(604'800'000));
  for (const char* text : {"", "7", "d", "-1s", "1.5s", "1week", "99999999999999999999d", "10001d", "1s ", " 1s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("configuration_value: sizes", "[app]") {
  CHECK(parse_size("1B") == 1);
  CHECK(parse_size("4KiB") == 4096);
  CHECK(parse_size("50GiB") == std::uint64_t{50} << 30);
  CHECK(parse_size("100MB") == 100'000'000);
  for (const char* text : {"", "50", "GiB", "-1GiB", "1.5GiB", "1gib", "9999999999999TiB"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("configuration_value: endpoints, and which of them stay on the machine", "[app]") {
  const std::pair<const char*, bool> good[] = {
      {"127.0.0.1:3307", true}, {"127.1.2.3:1", true},         {"[::1]:3307", true},
      {"localhost:3307", true}, {"0.0.0.0:3307", false},       {"[::]:3307", false},
      {"10.0.0.1:3307", false}, {"127.evil.example:1", false}, {"db.example:65535", false}};
  for (const auto& [text, loopback] : good) {
    INFO(text);
    const auto endpoint = parse_endpoint(text);
    REQUIRE(endpoint);
    CHECK(endpoint->is_loopback() == loopback);
  }
  for (const char* text : {"", "3307", ":3307", "host:", "host:0", "host:65536", "host:1x", "::1:3307", "[]:1"}) {
    INFO(text);
    CHECK_FALSE(parse_endpoint(text));
  }
}

TEST_CASE("configuration_value: the nearest word", "[app]") {
  const std::vector<std::string> known = {"host", "port", "password_file", "keep"};
  CHECK(nearest_word("prot", known) == "port");
  CHECK(nearest_word("pass", known) == "password_file");
  CHECK(nearest_word("kep", known) == "keep");
  CHECK(nearest_word("entirely_else", known).empty());
}

}  // namespace relay::app::testing
