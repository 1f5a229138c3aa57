#include "tests/binlog/row_walker.h"
#include "tests/fuzz/fuzz_input.h"

// The rows of an event, walked with a table map that is made from the input's own bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const base::ByteView bytes = fuzz::input(data, size).bytes;
  if (bytes.empty()) return 0;
  const auto event = binlog::RowsEvent::parse(static_cast<binlog::EventType>(bytes[0]), bytes.sub(1));
  if (!event) return 0;
  constexpr binlog::ColumnType kTypes[] = {{binlog::TypeCode::long_, 0, 3},         {binlog::TypeCode::varchar, 80, 15},
                                           {binlog::TypeCode::newdecimal, 10, 246}, {binlog::TypeCode::blob, 4, 252},
                                           {binlog::TypeCode::json, 4, 245},        {binlog::TypeCode::set, 3, 254}};
  binlog::TableMap map;
  for (std::size_t i = 0; i < event->width; ++i) map.columns.push_back(kTypes[(i + bytes.size()) % std::size(kTypes)]);
  static_cast<void>(binlog::test::RowWalker(map, *event).walk());
  return 0;
}
