#include "relay/binlog/gtid_set.h"
#include "tests/fuzz/fuzz_input.h"

// What is read as a set, in any form, comes back equal from its text and from its bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const base::ByteView bytes(data, size);
  for (const auto& set : {binlog::MysqlGtidSet::parse_binary(bytes), binlog::MysqlGtidSet::parse_text(bytes.text())}) {
    if (!set) continue;
    base::Buffer encoded;
    set->encode_binary(encoded);
    fuzz::require(binlog::MysqlGtidSet::parse_binary(encoded.view()) == *set);
    fuzz::require(binlog::MysqlGtidSet::parse_text(set->text()) == *set);
    fuzz::require(set->contains(*set));
  }
  for (const auto& list :
       {binlog::MariadbGtidList::parse_event(bytes), binlog::MariadbGtidList::parse_text(bytes.text())}) {
    if (!list) continue;
    base::Buffer encoded;
    list->encode_event(encoded);
    fuzz::require(binlog::MariadbGtidList::parse_event(encoded.view()) == *list);
  }
  return 0;
}
