#include "relay/proof/fault.h"

#include "relay/proof/part_reader.h"

namespace relay::proof {

base::Error fault_error(base::FixedText what, std::uint64_t offset) {
  return base::Error(base::ErrorKind::rule, what)
      .at(offset)
      .remedy("nothing of this transaction was published; this is a defect of the relay, please report it");
}

tl::unexpected<base::Error> fault(base::FixedText what, std::uint64_t offset, std::uint8_t event_type) {
  return base::fail(fault_error(what, offset).in_event(event_type));
}

base::Error canary_error(const std::string& canary, const std::string& table, std::uint64_t offset) {
  return base::Error(base::ErrorKind::rule, "a canary stands in what would leave")
      .about("canary " + canary + (table.empty() ? std::string() : ", table " + table))
      .at(offset)
      .remedy("nothing of this transaction was published; find out how the planted value came where the rules keep it");
}

tl::unexpected<base::Error> disk_or_fault(const PartReader& reader, base::FixedText what, std::uint64_t offset) {
  if (reader.disk_error()) return base::fail(*reader.disk_error());
  return base::fail(fault_error(what, offset));
}

}  // namespace relay::proof
