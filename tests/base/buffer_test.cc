#include "relay/base/buffer.h"

#include <catch2/catch.hpp>
#include <utility>

#include "relay/base/byte_reader.h"

namespace relay::base {

TEST_CASE("buffer: integers come back as they were appended", "[base]") {
  for (const std::uint64_t value : {UINT64_C(0), UINT64_C(0xfa), UINT64_C(0xfb), UINT64_C(0xffff), UINT64_C(0x10000),
                                    UINT64_C(0xffffff), UINT64_C(0x1000000), UINT64_MAX}) {
    INFO(value);
    Buffer buffer;
    buffer.append_length_encoded(value);
    buffer.append_u64(value);
    buffer.append_little_endian(value, 3);
    ByteReader reader(buffer.view());
    CHECK(reader.length_encoded() == value);
    CHECK(reader.u64() == value);
    CHECK(reader.u24() == (value & 0xffffff));
    CHECK(reader.at_end());
  }
}

TEST_CASE("buffer: the shortest length-encoded form is taken", "[base]") {
  const auto size_of = [](std::uint64_t value) {
    Buffer buffer;
    buffer.append_length_encoded(value);
    return buffer.size();
  };
  CHECK(size_of(0xfa) == 1);
  CHECK(size_of(0xfb) == 3);
  CHECK(size_of(0xffff) == 3);
  CHECK(size_of(0x10000) == 4);
  CHECK(size_of(0xffffff) == 4);
  CHECK(size_of(0x1000000) == 9);
}

TEST_CASE("buffer: it never grows past its maximum, and stays overflowed until it is cleared", "[base]") {
  Buffer buffer(4);
  buffer.append("abc");
  CHECK_FALSE(buffer.overflowed());
  buffer.append("de");
  CHECK(buffer.overflowed());
  CHECK(buffer.view().text() == "abc");
  buffer.append("d");
  CHECK(buffer.view().text() == "abc");
  buffer.clear();
  CHECK_FALSE(buffer.overflowed());
  buffer.resize(4);
  CHECK(buffer.size() == 4);
  buffer.resize(5);
  CHECK(buffer.overflowed());
  CHECK(buffer.size() == 4);
}

TEST_CASE("buffer: what overflowed stays so when it is copied, moved, cut or given memory back", "[base]") {
  Buffer buffer(100);
  buffer.append_fill(90, 1);
  buffer.append_fill(11, 2);
  const auto takes_nothing = [](Buffer& of) {
    const std::size_t size = of.size();
    of.append_u8(3);
    return of.overflowed() && of.size() == size;
  };
  CHECK(takes_nothing(buffer));
  Buffer copied = buffer;
  CHECK(copied.view().text() == buffer.view().text());
  CHECK(takes_nothing(copied));
  Buffer moved = std::move(copied);
  CHECK(takes_nothing(moved));
  moved.resize(10);
  CHECK(takes_nothing(moved));
  moved.shrink(5);
  CHECK(moved.size() == 5);
  CHECK(takes_nothing(moved));
  moved.clear();
  moved.append_fill(100, 4);
  CHECK_FALSE(moved.overflowed());
  CHECK(moved.size() == 100);
}

TEST_CASE("buffer: what was moved from is empty and takes bytes again", "[base]") {
  Buffer buffer;
  buffer.append("abc");
  Buffer other;
  other.append("something else");
  other = std::move(buffer);
  CHECK(other.view().text() == "abc");
  CHECK(buffer.size() == 0);  // NOLINT(bugprone-use-after-move): it says so
  buffer.append("d");
  CHECK(buffer.view().text() == "d");
  buffer = other;
  CHECK(buffer.view().text() == "abc");
  CHECK(other.view().text() == "abc");
}

TEST_CASE("buffer: nothing is appended to nothing", "[base]") {
  Buffer buffer;
  buffer.append(ByteView());
  buffer.append_fill(0, 1);
  buffer.shrink(0);
  CHECK(buffer.size() == 0);
  CHECK_FALSE(buffer.overflowed());
}

TEST_CASE("buffer: a place can be overwritten, and memory given back", "[base]") {
  Buffer buffer;
  buffer.append_fill(1000, 0xff);
  buffer.patch_little_endian(1, 0, 8);
  CHECK(buffer.view()[0] == 0xff);
  CHECK(buffer.view()[1] == 0);
  CHECK(buffer.view()[8] == 0);
  CHECK(buffer.view()[9] == 0xff);
  buffer.shrink(100);
  CHECK(buffer.size() == 100);
  CHECK(buffer.view()[9] == 0xff);
}

}  // namespace relay::base
