#include "relay/binlog/table_map.h"
#include "tests/fuzz/fuzz_input.h"

// A table map that is read is rewritten to one that is read again, with the columns that were kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const fuzz::Input input = fuzz::input(data, size);
  binlog::TableMap map;
  if (!binlog::TableMap::parse(input.bytes, map)) return 0;
  const bool metadata_is_good = binlog::OptionalMetadata::parse(map, input.flavor).has_value();
  std::vector<bool> keep(map.columns.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    keep[i] = i == 0 || (data[i % size] >> (i % 8) & 1) != 0;
    kept += keep[i] ? 1 : 0;
  }
  base::Buffer made;
  const bool rewritten = binlog::rewrite_table_map(map, input.flavor, keep, made).has_value();
  fuzz::require(rewritten == metadata_is_good);
  if (!rewritten) return 0;
  binlog::TableMap again;
  fuzz::require(binlog::TableMap::parse(made.view(), again).has_value());
  fuzz::require(again.columns.size() == kept);
  fuzz::require(binlog::OptionalMetadata::parse(again, input.flavor).has_value());
  return 0;
}
