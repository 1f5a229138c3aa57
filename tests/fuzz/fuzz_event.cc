#include "tests/binlog/decode_all.h"
#include "tests/fuzz/fuzz_input.h"

// One event: whatever its header says, every reader of its type stays within it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::Input input = fuzz::input(data, size);
  for (const auto checksum : {binlog::ChecksumAlgorithm::none, binlog::ChecksumAlgorithm::crc32}) {
    const auto event = binlog::EventView::parse(input.bytes, checksum);
    if (event) binlog::test::decode_all(*event, input.flavor);
  }
  return 0;
}
