#pragma once

#include <cstdint>
#include <optional>

#include "relay/base/result.h"
#include "relay/proof/part_reader.h"

namespace relay::proof {

// Reads the bodies of events that begin and end transactions, to their ends. False when a field is not known, or a name
// of an XA transaction is no digest.

// MySQL's GTID events. `length` becomes the transaction length that the event tells, where it tells one.
[[nodiscard]] bool read_mysql_gtid(PartReader& reader, std::uint8_t type, std::optional<std::uint64_t>& length);
[[nodiscard]] bool read_mariadb_gtid(PartReader& reader);
[[nodiscard]] bool read_xid(PartReader& reader);
[[nodiscard]] bool read_xa_prepare(PartReader& reader);

}  // namespace relay::proof
