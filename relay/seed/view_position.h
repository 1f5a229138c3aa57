#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// How the readers came to see the same moment.
enum class ViewWay : std::uint8_t {
  table_locks,  // MySQL: LOCK TABLES ... READ on all that leave
  read_lock,    // MySQL: FLUSH TABLES WITH READ LOCK
  stages,       // MariaDB: BACKUP STAGE up to BLOCK_COMMIT
  positions,    // MariaDB, without a lock: the readers' own positions in the binary log are one and the same
};
[[nodiscard]] std::string_view name_of(ViewWay way);

// A moment of the source in its binary log.
struct ViewPosition {
  std::string file;
  std::uint64_t offset = 0;
  std::string gtids;  // before it; empty where the source's transactions have none that a stream can follow
  // What source.start has to say for a stream that goes on from here.
  [[nodiscard]] std::string start() const;
  friend bool operator==(const ViewPosition&, const ViewPosition&) = default;
};

// MariaDB: file and offset of the view that a connection's transaction has. Errors: peer where there is no binary log.
[[nodiscard]] base::Result<ViewPosition> read_view_position(source::SourceConnection& reader);

}  // namespace relay::seed
