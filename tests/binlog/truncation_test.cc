#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "relay/base/crc32.h"
#include "relay/binlog/stream_state.h"
#include "tests/binlog/decode_all.h"
#include "tests/binlog/golden.h"
#include "tests/binlog/row_walker.h"

namespace relay::binlog::test {

namespace {

// The bytes in memory of exactly their size, so that a sanitizer sees the first byte read beyond them.
class Exact {
 public:
  explicit Exact(base::ByteView bytes) : bytes_(new std::uint8_t[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  [[nodiscard]] std::uint8_t* data() { return bytes_.get(); }
  [[nodiscard]] base::ByteView view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_;
};

// The first `size` bytes, with the header telling that size.
Exact cut(base::ByteView event, std::size_t size) {
  Exact shorter(event.sub(0, size));
  EventHeader header = decode_event_header(event);
  header.event_size = static_cast<std::uint32_t>(size);
  if (size >= kEventHeaderSize) encode_event_header(header, shorter.data());
  return shorter;
}

// Types whose every part is needed, so that none may be read with its end missing. (A rows event may lose whole bytes
// of rows, a query of its text: those are tested where they are walked. Of a GTID event whole fields at the end may be
// missing.)
bool has_exact_length(EventType type) {
  switch (type) {
    case EventType::previous_gtids:
    case EventType::gtid_list:
    case EventType::gtid_tagged:
    case EventType::transaction_payload:
    case EventType::query_compressed:
    case EventType::write_rows_compressed_v1:
    case EventType::update_rows_compressed_v1:
      return true;
    default:
      return false;
  }
}

}  // namespace

TEST_CASE("hostile: an event cut at any length is refused or read within its bounds", "[binlog]") {
  std::size_t refused = 0;
  for (const Golden& file : goldens()) {
    for_each_event(file, [&](const EventView& event) {
      if (event.bytes().size() > 4096) return;
      INFO(file.name << " type " << int{event.header().type_code});
      const base::ByteView whole = event.bytes().sub(0, event.bytes().size() - kChecksumSize);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const Exact shorter = cut(whole, size);
        const auto view = EventView::parse(shorter.view(), ChecksumAlgorithm::none);
        const bool read = view && decode_all(*view, file.flavor());
        refused += read ? 0 : 1;
        // An empty GTID list is padded by two bytes that may be missing.
        const bool is_padding = event.type() == EventType::gtid_list && size >= kEventHeaderSize + 4;
        if (has_exact_length(event.type()) && !is_padding) CHECK_FALSE(read);
      }
      const Exact all = cut(whole, whole.size());
      const auto view = EventView::parse(all.view(), ChecksumAlgorithm::none);
      REQUIRE(view);
      if (event.type() != EventType::format_description) CHECK(decode_all(*view, file.flavor()));
    });
  }
  CHECK(refused > 10000);
}

TEST_CASE("hostile: changed bytes are refused or read within their bounds, by the grammar too", "[binlog]") {
  const unsigned seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const Golden& file : goldens()) {
    StreamState state;
    for_each_event(file, [&](const EventView& event) {
      for (int round = 0; round < 40; ++round) {
        Exact changed(event.bytes());
        for (auto count = random() % 3 + 1; count > 0; --count) {
          // Past the size field, so that the event is still one.
          const std::size_t at = random() % (event.bytes().size() - 13) + 13;
          changed.data()[at] = static_cast<std::uint8_t>(random());
        }
        const auto view = EventView::parse(changed.view(), ChecksumAlgorithm::crc32);
        REQUIRE(view);
        decode_all(*view, file.flavor());
        StreamState copy = state;
        static_cast<void>(copy.advance(*view));
      }
      static_cast<void>(state.advance(event));
    });
  }
}

TEST_CASE("hostile: rows cut at any length are refused by whoever walks them", "[binlog]") {
  TableMap map;
  std::size_t cuts = 0;
  for_each_event(golden("my97-types-fullmeta"), [&](const EventView& event) {
    if (event.type() == EventType::table_map) REQUIRE(TableMap::parse(event.body(), map));
    if (event.type() != EventType::write_rows_v2) return;
    auto rows = RowsEvent::parse(event.type(), event.body());
    REQUIRE(rows);
    const base::ByteView whole = rows->rows;
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const Exact shorter(whole.sub(0, size));
      rows->rows = shorter.view();
      CHECK_FALSE(RowWalker(map, *rows).walk());
      ++cuts;
    }
  });
  CHECK(cuts > 100);
}

}  // namespace relay::binlog::test
