#include "relay/base/byte_reader.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "relay/base/crc32.h"

namespace relay::base {

TEST_CASE("byte_reader: fields are read front to back", "[base]") {
  const std::uint8_t bytes[] = {1, 2, 0, 3, 0, 0, 4, 0, 0, 0, 'a', 'b', 0, 2, 'x', 'y', 9};
  ByteReader reader({bytes, sizeof bytes});
  CHECK(reader.u8() == 1);
  CHECK(reader.u16() == 2);
  CHECK(reader.u24() == 3);
  CHECK(reader.u32() == 4);
  CHECK(reader.null_terminated().text() == "ab");
  CHECK(reader.length_encoded_bytes().text() == "xy");
  CHECK(reader.position() == 16);
  CHECK(reader.remaining() == 1);
  CHECK_FALSE(reader.at_end());
  CHECK(reader.rest().size() == 1);
  CHECK(reader.at_end());
}

TEST_CASE("byte_reader: the first read past the end fails it for good", "[base]") {
  const std::uint8_t bytes[] = {1, 2, 3};
  ByteReader reader({bytes, sizeof bytes});
  CHECK(reader.u32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK(reader.rest().empty());
  CHECK(reader.remaining() == 0);
  CHECK(reader.null_terminated().empty());
  CHECK_FALSE(reader.at_end());
}

TEST_CASE("byte_reader: lengths of any size do not overflow", "[base]") {
  const std::uint8_t huge[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'};
  ByteReader reader({huge, sizeof huge});
  CHECK(reader.length_encoded_bytes().empty());
  CHECK_FALSE(reader.ok());
  ByteReader other({huge, sizeof huge});
  other.skip(1);
  other.skip(UINT64_MAX);
  CHECK_FALSE(other.ok());
}

TEST_CASE("byte_reader: 0xfb and 0xff are no integers, and a text without NUL does not end", "[base]") {
  for (const std::uint8_t first : {std::uint8_t{0xfb}, std::uint8_t{0xff}}) {
    const std::uint8_t bytes[] = {first, 0, 0, 0, 0, 0, 0, 0, 0};
    ByteReader reader({bytes, sizeof bytes});
    reader.length_encoded();
    CHECK_FALSE(reader.ok());
  }
  ByteReader reader(ByteView::of("abc"));
  CHECK(reader.null_terminated().empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("byte_view: a part never leaves the view", "[base]") {
  const ByteView view = ByteView::of("abcdef");
  CHECK(view.sub(2).text() == "cdef");
  CHECK(view.sub(2, 2).text() == "cd");
  CHECK(view.sub(5, 9).text() == "f");
  CHECK(view.sub(9).empty());
  CHECK(view.sub(1, 2) == ByteView::of("bc"));
  CHECK_FALSE(view.sub(1, 2) == ByteView::of("bd"));
  CHECK(ByteView() == ByteView::of(""));
}

TEST_CASE("crc32: equals zlib's, whole and slice by slice", "[base]") {
  CHECK(crc32(ByteView::of("123456789")) == 0xcbf43926);
  CHECK(crc32({}, 7) == 7);
  std::mt19937 random(Catch::rngSeed());
  std::vector<std::uint8_t> bytes(5000);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    const ByteView view(bytes.data(), size);
    const auto wanted = static_cast<std::uint32_t>(::crc32(0, bytes.data(), static_cast<uInt>(size)));
    CHECK(crc32(view) == (size == 0 ? 0 : wanted));
    CHECK(crc32(view.sub(size / 3), crc32(view.sub(0, size / 3))) == crc32(view));
  }
}

}  // namespace relay::base
