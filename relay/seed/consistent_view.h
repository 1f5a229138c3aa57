#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/live_connections.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/seed/table_watch.h"
#include "relay/seed/view_position.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_settings.h"

namespace relay::seed {

using SchemaFunction = std::function<base::Result<SnapshotSchema>(source::SourceConnection&)>;

// Connections that see one moment of the source, where that lies in its binary log, and the schema there. Each reader
// is in a read-only transaction, in a session as row_scrubber.h wants it.
struct ConsistentView {
  ViewWay way = ViewWay::table_locks;
  ViewPosition position;
  SnapshotSchema schema;
  TableMarks marks;  // from before it was made
  std::vector<std::unique_ptr<LiveConnection>> readers;
  std::uint64_t blocked_milliseconds = 0;  // how long commits were held back
  // Whether a reader lets go of a table between its statements. MariaDB does that only for a session that does not
  // write the binary log, which takes BINLOG ADMIN; otherwise DDL at the source waits until the snapshot is done, and
  // writers of that table behind it.
  bool frees_tables = true;
};

struct ViewSettings {
  const source::SourceSettings& source;
  const source::SourceFacts& facts;
  const source::LeavingTables& leaving;
  std::size_t readers = 4;
};

// Lines up the readers; everything borrowed must outlive the view. The schema is read before, and once more after where
// nothing kept DDL out: it has to be the same. Locks are waited for seconds at a time, since writers queue behind the
// wait, and all is let go between tries, whose pause grows. A source that hears nothing more lets go by itself after 15
// seconds. Errors: those of the connections and of `read_schema`; peer where the account may take no lock that would
// do, naming the GRANT, or where tries were in vain, saying why; interrupted.
[[nodiscard]] base::Result<ConsistentView> make_view(const ViewSettings& settings, const SchemaFunction& read_schema,
                                                     LiveConnections& connections, const base::StopToken& stop);

}  // namespace relay::seed
