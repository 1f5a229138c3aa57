#pragma once

#include <cstdint>
#include <string>

#include "relay/base/result.h"

namespace relay::proof {

class PartReader;

// What was written may not leave. Every `what` begins with "egress check".
[[nodiscard]] base::Error fault_error(base::FixedText what, std::uint64_t offset);
[[nodiscard]] tl::unexpected<base::Error> fault(base::FixedText what, std::uint64_t offset, std::uint8_t event_type);
// A canary was met, in an event about `table` (empty: about none).
[[nodiscard]] base::Error canary_error(const std::string& canary, const std::string& table, std::uint64_t offset);
// The error of the disk when it could not be read, else the fault.
[[nodiscard]] tl::unexpected<base::Error> disk_or_fault(const PartReader& reader, base::FixedText what,
                                                        std::uint64_t offset);

}  // namespace relay::proof
