#include "relay/base/error.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <type_traits>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::base {

namespace {

Result<int> halved(int value) {
  if (value % 2 != 0) return fail(ErrorKind::malformed, "an odd number");
  return value / 2;
}

Result<int> quartered(int value) {
  RELAY_ASSIGN(const int half, halved(value));
  RELAY_TRY(halved(half));
  return halved(half);
}

}  // namespace

TEST_CASE("error: one line says what, about whom, where and what to do", "[base]") {
  Error error(ErrorKind::malformed, "a row is cut short");
  CHECK(error.message() == "a row is cut short");
  error.about("shop.customers").in_event(23).at(118).remedy("read the file again");
  CHECK(error.message() == "a row is cut short: shop.customers (event type 23, offset 118); read the file again");
  CHECK(Error(ErrorKind::io, "cannot write").code(ENOSPC).message() == "cannot write (No space left on device)");
  CHECK(Error(ErrorKind::peer, "refused").code(1045).message() == "refused (server error 1045)");
}

TEST_CASE("error: a name cannot forge a line, nor be long", "[base]") {
  const Error error = Error(ErrorKind::rule, "no such table").about("a\nb\x7f\tc\r");
  CHECK(error.message() == "no such table: a?b??c?");
  CHECK(Subject(std::string(5000, 'x')).text().size() == Subject::kMaximumLength);
}

TEST_CASE("error: bytes and run-time text do not convert to its text", "[base]") {
  CHECK_FALSE(std::is_constructible_v<Error, ErrorKind, std::string>);
  CHECK_FALSE(std::is_constructible_v<Error, ErrorKind, ByteView>);
  CHECK_FALSE(std::is_constructible_v<FixedText, std::string_view>);
}

TEST_CASE("result: the first error is what the caller gets", "[base]") {
  CHECK(quartered(8) == 2);
  REQUIRE_FALSE(quartered(7));
  CHECK(quartered(7).error().what() == "an odd number");
  CHECK_FALSE(quartered(6));
}

}  // namespace relay::base
