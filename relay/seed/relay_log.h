#pragma once

#include <cstdint>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/gtid_set.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// A place in a MariaDB replica's own copy of the stream.
struct RelayLogPlace {
  std::string file;
  std::uint64_t offset = 0;
};

// Whether `list` has come to all of `position`, domain by domain.
[[nodiscard]] bool covers(const binlog::MariadbGtidList& list, const binlog::MariadbGtidList& position);

// Where an applier that stands at `place` has to stop, for UNTIL: behind all transactions up to `position`, of which
// all are received, and before the next. Errors: those of the connection; malformed.
[[nodiscard]] base::Result<RelayLogPlace> barrier_at(source::SourceConnection& replica, const RelayLogPlace& place,
                                                     const binlog::MariadbGtidList& position);

}  // namespace relay::seed
