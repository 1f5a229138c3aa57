#include "relay/base/secret.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <type_traits>

namespace relay::base {

TEST_CASE("secret: it prints as redacted and cannot be copied", "[base]") {
  const Secret secret(std::string("correct horse"));
  CHECK(fmt::format("{}", secret) == "[redacted]");
  CHECK(secret.reveal() == "correct horse");
  CHECK_FALSE(std::is_copy_constructible_v<Secret>);
  CHECK_FALSE(std::is_copy_assignable_v<Secret>);
}

TEST_CASE("secret: a move leaves nothing behind", "[base]") {
  Secret from(std::string("correct horse"));
  const char* const place = from.reveal().data();
  const Secret to(std::move(from));
  CHECK(to.reveal() == "correct horse");
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that it is empty is what is tested
  CHECK(std::memchr(place, 'h', 5) == nullptr);
  Secret other(std::string("x"));
  other = Secret(std::string("battery staple"));
  CHECK(other.reveal() == "battery staple");
}

TEST_CASE("secret: memory is wiped", "[base]") {
  char text[] = "correct horse";
  wipe_memory(text, sizeof text);
  for (const char c : text) CHECK(c == 0);
  wipe_memory(nullptr, 0);
}

}  // namespace relay::base
