#include "relay/binlog/container.h"
#include "tests/fuzz/fuzz_input.h"

// Containers: no event that comes out is larger than the maximum, whatever the container says of itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  constexpr std::size_t kMaximum = 4096;
  const base::ByteView bytes = fuzz::input(data, size).bytes;
  if (bytes.empty()) return 0;
  const auto each = [&](const binlog::EventView& inner) -> base::Result<void> {
    fuzz::require(inner.bytes().size() <= kMaximum);
    return {};
  };
  static_cast<void>(binlog::for_each_payload_event(bytes.sub(1), kMaximum, each));
  const auto whole = fuzz::event_around(bytes[0], bytes.sub(1));
  const auto event = binlog::EventView::parse({whole.data(), whole.size()}, binlog::ChecksumAlgorithm::none);
  if (!event) return 0;
  base::Buffer opened;
  const auto inner = binlog::open_compressed_event(*event, kMaximum, opened);
  if (inner) fuzz::require(inner->bytes().size() <= kMaximum);
  return 0;
}
