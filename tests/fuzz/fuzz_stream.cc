#include "relay/binlog/stream_state.h"
#include "tests/fuzz/fuzz_input.h"

// A run of events through the stream's grammar: a transaction never ends before it begins, and an error changes
// nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  using Place = binlog::StreamState::Place;
  base::ByteView rest = fuzz::input(data, size).bytes;
  binlog::StreamState state;
  while (rest.size() >= binlog::kEventHeaderSize) {
    const auto length = binlog::decode_event_header(rest).event_size;
    const auto event = binlog::EventView::parse(rest.sub(0, length), state.checksum());
    if (!event) break;
    const Place before = state.place();
    const auto step = state.advance(*event);
    if (!step) {
      fuzz::require(state.place() == before);
    } else {
      const bool was_open = before == Place::after_gtid || before == Place::inside_transaction;
      if (step->begins_transaction) fuzz::require(before == Place::between_transactions);
      if (step->ends_transaction) fuzz::require(was_open || step->begins_transaction);
      if (step->ends_transaction) fuzz::require(state.place() == Place::between_transactions);
      if (step->abandons_transaction) fuzz::require(was_open);
    }
    rest = rest.sub(length);
  }
  return 0;
}
