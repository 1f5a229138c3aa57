#include <catch2/catch.hpp>

#include "relay/wire/packet_assembler.h"
#include "relay/wire/packet_framer.h"
#include "relay/wire/protocol.h"

using relay::base::Buffer;
using relay::base::ByteView;
using relay::wire::kMaximumPacketPayload;
using relay::wire::PacketAssembler;
using relay::wire::PacketFramer;

namespace {

// Gives the bytes to the assembler in pieces of `step`.
void feed(PacketAssembler& assembler, ByteView bytes, std::size_t step) {
  while (!bytes.empty()) {
    const auto room = assembler.room();
    const ByteView piece = bytes.sub(0, std::min(step, room.size()));
    std::copy(piece.begin(), piece.end(), room.begin());
    assembler.took(piece.size());
    bytes = bytes.sub(piece.size());
  }
}

std::string framed(std::size_t size, std::uint8_t first_sequence) {
  const std::string payload(size, 'x');
  PacketFramer framer;
  framer.set_sequence(first_sequence);
  Buffer out;
  framer.append(ByteView::of(payload), out);
  return std::string(out.view().text());
}

std::string header(std::size_t length, std::uint8_t sequence) {
  return {static_cast<char>(length), static_cast<char>(length >> 8), static_cast<char>(length >> 16),
          static_cast<char>(sequence)};
}

}  // namespace

TEST_CASE("packet_framer: cuts a message at 0xffffff bytes and ends an exact multiple with an empty packet", "[wire]") {
  struct Sample {
    std::size_t size;
    std::vector<std::size_t> packets;
  };
  const std::vector<Sample> samples = {
      {0, {0}},
      {1, {1}},
      {16777214, {16777214}},
      {16777215, {16777215, 0}},
      {16777216, {16777215, 1}},
      {33554430, {16777215, 16777215, 0}},
  };
  for (const Sample& sample : samples) {
    INFO("size " << sample.size);
    const std::string bytes = framed(sample.size, 255);
    std::size_t offset = 0;
    std::uint8_t sequence = 255;
    for (const std::size_t length : sample.packets) {
      REQUIRE(bytes.substr(offset, 4) == header(length, sequence++));
      offset += 4 + length;
    }
    CHECK(bytes.size() == offset);
  }
}

TEST_CASE("packet_framer: a message in parts is framed as if it were one", "[wire]") {
  const std::string a(9'000'000, 'a');
  const std::string b(9'000'000, 'b');
  const std::vector<ByteView> parts{ByteView::of(a), ByteView(), ByteView::of(b)};
  const std::string whole = a + b;
  PacketFramer framer;
  Buffer out;
  framer.append(parts, out);
  Buffer expected;
  framer.set_sequence(0);
  framer.append(ByteView::of(whole), expected);
  CHECK(out.view() == expected.view());
  framer.set_sequence(0);
  std::size_t total = 0;
  for (const ByteView slice : framer.slices(parts)) total += slice.size();
  CHECK(total == expected.size());
}

TEST_CASE("packet_framer: a message that comes bit by bit is framed as if it were one", "[wire]") {
  const std::string longest(2 * kMaximumPacketPayload, 'm');
  Buffer expected, out;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaximumPacketPayload - 1, kMaximumPacketPayload,
                                 kMaximumPacketPayload + 1, 2 * kMaximumPacketPayload}) {
    const ByteView whole = ByteView::of(longest).sub(0, size);
    PacketFramer framer;
    expected.clear();
    framer.append(whole, expected);
    for (const std::size_t step : {kMaximumPacketPayload / 3, kMaximumPacketPayload, 2 * kMaximumPacketPayload + 1}) {
      INFO(size << " bytes, " << step << " at a time");
      out.clear();
      framer.set_sequence(0);
      framer.begin(size);
      std::size_t at = 0;
      do {
        const ByteView part = whole.sub(at, step);
        for (const ByteView slice : framer.next(part)) out.append(slice);
        at += step;
      } while (at < size);
      REQUIRE((out.view() == expected.view()));
    }
  }
}

TEST_CASE("packet_assembler: gives back what the framer framed, however the bytes come", "[wire]") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16777215}, std::size_t{16777216}}) {
    for (const std::size_t step : {std::size_t{3}, PacketAssembler::kBlockSize}) {
      if (size > 1 && step == 3) continue;
      INFO("size " << size << " step " << step);
      PacketAssembler assembler(17'000'000);
      const std::string bytes = framed(size, 3);
      feed(assembler, ByteView::of(bytes).sub(0, bytes.size() - 1), step);
      const auto early = assembler.next();
      REQUIRE(early);
      CHECK_FALSE(early->has_value());
      feed(assembler, ByteView::of(bytes).sub(bytes.size() - 1), step);
      const auto packet = assembler.next();
      REQUIRE(packet);
      REQUIRE(packet->has_value());
      CHECK((*packet)->payload.size() == size);
      CHECK((*packet)->first_sequence == 3);
      CHECK((*packet)->last_sequence == (size >= 16777215 ? 4 : 3));
      CHECK(assembler.unread().empty());
    }
  }
}

TEST_CASE("packet_assembler: gives several messages of one read, and keeps what belongs to none", "[wire]") {
  PacketAssembler assembler(100);
  const std::string bytes = framed(5, 0) + framed(0, 1) + header(7, 2) + "abc";
  feed(assembler, ByteView::of(bytes), 1000);
  CHECK((*assembler.next())->payload.size() == 5);
  CHECK((*assembler.next())->payload.empty());
  CHECK_FALSE((*assembler.next()).has_value());
  CHECK(assembler.unread().size() == 7);
}

TEST_CASE("packet_assembler: refuses a message above its maximum before it has come", "[wire]") {
  PacketAssembler assembler(64);
  const std::string just_right = framed(64, 0);
  feed(assembler, ByteView::of(just_right), 1000);
  CHECK((*assembler.next())->payload.size() == 64);
  const std::string too_long = header(65, 0);
  feed(assembler, ByteView::of(too_long), 4);
  CHECK_FALSE(assembler.next());
}

TEST_CASE("packet_assembler: counts all packets of a message against its maximum", "[wire]") {
  PacketAssembler assembler(16777215 + 10);
  const std::string first = header(16777215, 0) + std::string(16777215, 'x');
  feed(assembler, ByteView::of(first), PacketAssembler::kBlockSize);
  REQUIRE(assembler.next());
  const std::string second = header(11, 1);
  feed(assembler, ByteView::of(second), 4);
  CHECK_FALSE(assembler.next());
}

TEST_CASE("packet_assembler: refuses a continuation with a wrong number", "[wire]") {
  PacketAssembler assembler(20'000'000);
  const std::string first = header(16777215, 7) + std::string(16777215, 'x') + header(1, 9) + "x";
  feed(assembler, ByteView::of(first), PacketAssembler::kBlockSize);
  CHECK_FALSE(assembler.next());
}
