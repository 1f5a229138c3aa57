#include "relay/proof/written_column.h"

#include <catch2/catch.hpp>
#include <string>

namespace relay::proof {
namespace {

struct Row {
  std::uint8_t code;
  std::string metadata;
  ExpectedType type;
  std::uint8_t length_bytes;
  std::uint8_t size;
};

std::optional<WrittenColumn> read(std::uint8_t code, std::string_view metadata, std::uint8_t digits = 0) {
  base::ByteReader reader(base::ByteView::of(metadata));
  const auto column = read_column(code, reader, digits);
  return reader.at_end() ? column : std::nullopt;
}

TEST_CASE("written_column: every type of the servers has the size that its metadata says", "[proof]") {
  using namespace std::string_literals;
  const Row rows[] = {
      {1, "", {1, 0}, 0, 1},
      {2, "", {2, 0}, 0, 2},
      {9, "", {9, 0}, 0, 3},
      {3, "", {3, 0}, 0, 4},
      {8, "", {8, 0}, 0, 8},
      {13, "", {13, 0}, 0, 1},
      {4, "\x04", {4, 4}, 0, 4},
      {5, "\x08", {5, 8}, 0, 8},
      {246, "\x0a\0"s, {246, 10}, 0, 5},
      {246, "\x41\x1e", {246, 0x1e41}, 0, 30},
      {246, "\x02\x02", {246, 0x202}, 0, 1},
      {16, "\x01\0"s, {16, 1}, 0, 1},
      {16, "\0\x08"s, {16, 0x800}, 0, 8},
      {16, "\x07\x07", {16, 0x707}, 0, 8},
      {10, "", {10, 0}, 0, 3},
      {14, "", {10, 0}, 0, 3},
      {17, "\0"s, {17, 0}, 0, 4},
      {17, "\x06", {17, 6}, 0, 7},
      {18, "\x03", {18, 3}, 0, 7},
      {19, "\x01", {19, 1}, 0, 4},
      {15, "\xff\0"s, {15, 255}, 1, 0},
      {15, "\0\x01"s, {15, 256}, 2, 0},
      {253, "\x10\0"s, {15, 16}, 1, 0},
      {141, "\x11\0"s, {141, 17}, 1, 0},
      {254, "\xfe\x28", {254, 40}, 1, 0},
      {254, "\xee\x90", {254, 400}, 2, 0},
      {254, "\xce\xff", {254, 1023}, 2, 0},
      {254, "\xf7\x02", {247, 2}, 0, 2},
      {254, "\xf8\x08", {248, 8}, 0, 8},
      {252, "\x01", {252, 1}, 1, 0},
      {249, "\x01", {252, 1}, 1, 0},
      {251, "\x04", {252, 4}, 4, 0},
      {140, "\x03", {140, 3}, 3, 0},
      {245, "\x04", {245, 4}, 4, 0},
      {255, "\x04", {255, 4}, 4, 0},
      {242, "\x04", {242, 4}, 4, 0},
  };
  for (const Row& row : rows) {
    INFO(unsigned{row.code} << " " << row.metadata.size());
    const auto column = read(row.code, row.metadata);
    REQUIRE(column);
    CHECK(column->type == row.type);
    CHECK(column->length_bytes == row.length_bytes);
    CHECK(column->size == row.size);
    CHECK(column->json == (row.code == 245));
  }
}

TEST_CASE("written_column: MariaDB's old temporal types have the digits that are known of them", "[proof]") {
  const std::uint8_t times[] = {3, 4, 4, 5, 5, 5, 6};
  const std::uint8_t datetimes[] = {8, 6, 6, 7, 7, 7, 8};
  const std::uint8_t timestamps[] = {4, 5, 5, 6, 6, 7, 7};
  for (std::uint8_t digits = 0; digits <= 6; ++digits) {
    CHECK(read(11, "", digits)->size == times[digits]);
    CHECK(read(12, "", digits)->size == datetimes[digits]);
    CHECK(read(7, "", digits)->size == timestamps[digits]);
  }
  CHECK_FALSE(read(11, "", 7));
}

TEST_CASE("written_column: types that are not known, and metadata that no type has, are refused", "[proof]") {
  using namespace std::string_literals;
  CHECK_FALSE(read(0, "\x0a\0"s));  // old DECIMAL
  CHECK_FALSE(read(6, ""));
  CHECK_FALSE(read(20, "\x01"));
  CHECK_FALSE(read(21, ""));
  CHECK_FALSE(read(200, ""));
  CHECK_FALSE(read(4, "\x08"));
  CHECK_FALSE(read(246, "\0\0"s));
  CHECK_FALSE(read(246, "\x42\0"s));
  CHECK_FALSE(read(246, "\x05\x06"));
  CHECK_FALSE(read(16, "\0\0"s));
  CHECK_FALSE(read(16, "\x01\x08"));
  CHECK_FALSE(read(18, "\x07"));
  CHECK_FALSE(read(254, "\xf7\x03"));
  CHECK_FALSE(read(254, "\xf8\x09"));
  CHECK_FALSE(read(254, "\xf0\x09"));
  CHECK_FALSE(read(252, "\x05"));
  CHECK_FALSE(read(252, "\0"s));
  CHECK_FALSE(read(15, "\x10"));
}

}  // namespace
}  // namespace relay::proof
