#include "relay/proof/part_reader.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/proof/written_sample.h"

namespace relay::proof::testing {
namespace {

using base::ByteView;

std::unique_ptr<base::File> file_of(relay::testing::FaultyFileSystem& files, const std::string& content) {
  files.set_content("f", content);
  auto file = files.open("f", base::OpenMode::read);
  REQUIRE(file);
  return std::move(*file);
}

TEST_CASE("part_reader: an event larger than its block is read in pieces, whole", "[proof]") {
  SampleFile sample;
  std::string text = "BEGIN";
  while (text.size() < 3 * PartReader::kBlockSize) text += "0123456789abcdef";
  const std::uint64_t begin = sample.append({{2, text}, {16, le(1, 8)}});
  relay::testing::FaultyFileSystem files;
  const auto file = file_of(files, sample.content);
  PartReader reader(nullptr);
  reader.start(*file, begin, sample.end());
  const auto header = reader.begin_event();
  REQUIRE(header);
  CHECK(header->type == 2);
  CHECK(header->offset == begin);
  CHECK(reader.bytes(5).text() == "BEGIN");
  std::string rest;
  reader.rest([&rest](ByteView piece) { rest += piece.text(); });
  CHECK(rest == text.substr(5));
  REQUIRE(reader.end_event());
  REQUIRE(reader.begin_event());
  CHECK(reader.little_endian(8) == 1);
  CHECK(reader.at_body_end());
  REQUIRE(reader.end_event());
  CHECK(reader.at_end());
}

TEST_CASE("part_reader: fields across the end of a block are whole, and skipping goes over it", "[proof]") {
  std::string body;
  for (int i = 0; body.size() < 2 * PartReader::kBlockSize + 100; ++i) body += le(static_cast<std::uint64_t>(i), 7);
  SampleFile sample;
  const std::uint64_t begin = sample.append({{2, body}});
  relay::testing::FaultyFileSystem files;
  const auto file = file_of(files, sample.content);
  PartReader reader(nullptr);
  reader.start(*file, begin, sample.end());
  REQUIRE(reader.begin_event());
  std::uint64_t i = 0;
  for (; i < 40000; ++i) REQUIRE(reader.little_endian(7) == i);
  reader.skip(7 * 1000);
  CHECK(reader.equals(le(41000, 7) + le(41001, 7)));
  CHECK_FALSE(reader.equals(le(41000, 7)));
  CHECK(reader.ok());
  CHECK(reader.end_event());
}

TEST_CASE("part_reader: a read past the body fails and stays failed", "[proof]") {
  SampleFile sample;
  const std::uint64_t begin = sample.append({{16, le(1, 8)}, {16, le(2, 8)}});
  relay::testing::FaultyFileSystem files;
  const auto file = file_of(files, sample.content);
  PartReader reader(nullptr);
  reader.start(*file, begin, sample.end());
  REQUIRE(reader.begin_event());
  CHECK(reader.bytes(9).empty());
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK(reader.remaining() == 0);
  CHECK_FALSE(reader.end_event());
}

TEST_CASE("part_reader: an error of the disk is told as such", "[proof]") {
  SampleFile sample;
  const std::uint64_t begin = sample.append(customers_transaction());
  relay::testing::FaultyFileSystem files;
  const auto file = file_of(files, sample.content);
  files.fail_call(files.calls() + 1, EIO);
  PartReader reader(nullptr);
  reader.start(*file, begin, sample.end());
  const auto header = reader.begin_event();
  REQUIRE_FALSE(header);
  CHECK(header.error().kind() == base::ErrorKind::io);
}

}  // namespace
}  // namespace relay::proof::testing
