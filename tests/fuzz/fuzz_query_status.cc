#include "relay/binlog/query_event.h"
#include "tests/fuzz/fuzz_input.h"

// Status variables that are read can be filtered, and what is left is read again and has nothing left to filter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::Input input = fuzz::input(data, size);
  const bool read = binlog::parse_query_status(input.bytes, input.flavor).has_value();
  base::Buffer once;
  fuzz::require(binlog::filter_query_status(input.bytes, input.flavor, once).has_value() == read);
  if (!read) return 0;
  base::Buffer twice;
  fuzz::require(binlog::filter_query_status(once.view(), input.flavor, twice).has_value());
  fuzz::require(once.view() == twice.view());
  return 0;
}
