#include "relay/app/xa_key.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::app::testing {
namespace {

TEST_CASE("xa_key: is made once, differs from spool to spool, and is refused when damaged", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("/a"));
  REQUIRE(files.create_directory("/b"));
  const auto key = xa_key(files, "/a");
  REQUIRE(key);
  CHECK(key->reveal().size() > 64);
  CHECK(xa_key(files, "/a")->reveal() == key->reveal());
  CHECK(xa_key(files, "/b")->reveal() != key->reveal());
  REQUIRE(base::replace_file(files, "/a/xa.key", base::ByteView::of("short")));
  REQUIRE_FALSE(xa_key(files, "/a"));
}

}  // namespace
}  // namespace relay::app::testing
