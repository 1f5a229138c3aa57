#include "relay/binlog/event_maker.h"
#include "relay/binlog/format_description.h"
#include "tests/fuzz/fuzz_input.h"

// A format description that is read is made again, and is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const auto format = binlog::FormatDescription::parse(fuzz::input(data, size).bytes);
  if (!format) return 0;
  base::Buffer made;
  binlog::EventMaker(1, format->checksum).format_description(*format, 1, 4, made);
  const auto again = binlog::FormatDescription::parse(made.view());
  fuzz::require(again.has_value());
  fuzz::require(again->post_header_lengths == format->post_header_lengths && again->created == format->created);
  fuzz::require(again->flavor() == format->flavor() && again->checksum == format->checksum);
  return 0;
}
