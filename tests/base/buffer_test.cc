#include "relay/base/buffer.h"

#include <catch2/catch.hpp>

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
