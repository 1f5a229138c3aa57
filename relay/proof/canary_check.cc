#include "relay/proof/canary_check.h"

#include "relay/proof/event_codes.h"
#include "relay/proof/fault.h"
#include "relay/proof/written_rows.h"

namespace relay::proof {

using base::Result;

Result<void> CanaryCheck::check(base::File& file, WrittenPart part, std::uint64_t begin, std::uint64_t end) {
  constexpr std::size_t kMagicSize = 4;
  names_.clear();
  reader_.start(file, begin, end);
  if (part == WrittenPart::opening) RELAY_TRY(reader_.take_magic(kMagicSize));
  while (!reader_.at_end()) {
    RELAY_ASSIGN(const WrittenHeader header, reader_.begin_event());
    const std::string table = table_of(header);
    RELAY_TRY(reader_.end_event());
    if (canaries_.found() == nullptr) continue;
    return base::fail(canary_error(*canaries_.found(), table, header.offset).in_event(header.type));
  }
  return {};
}

std::string CanaryCheck::table_of(const WrittenHeader& header) {
  if (header.type == code::kTableMap) {
    const std::uint64_t id = reader_.u48();
    reader_.skip(2);  // flags
    std::string name(reader_.bytes(reader_.u8()).text());
    reader_.skip(1);
    name += '.';
    name += reader_.bytes(reader_.u8()).text();
    if (!reader_.ok()) return {};
    return names_[id] = name;
  }
  if (!is_rows(header.type)) return {};
  const auto found = names_.find(reader_.u48());
  return found == names_.end() ? std::string() : found->second;
}

}  // namespace relay::proof
