#include "relay/seed/view_position.h"

#include <fmt/format.h>

#include <charconv>

namespace relay::seed {

std::string_view name_of(ViewWay way) {
  switch (way) {
    case ViewWay::table_locks:
      return "LOCK TABLES";
    case ViewWay::read_lock:
      return "FLUSH TABLES WITH READ LOCK";
    case ViewWay::stages:
      return "BACKUP STAGE BLOCK_COMMIT";
    case ViewWay::positions:
      return "binlog_snapshot_position";
  }
  return "";
}

std::string ViewPosition::start() const { return gtids.empty() ? fmt::format("{}:{}", file, offset) : "gtid:" + gtids; }

base::Result<ViewPosition> read_view_position(source::SourceConnection& reader) {
  ViewPosition position;
  RELAY_ASSIGN(const source::Rows rows, reader.query("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  for (const source::Row& row : rows) {
    if (row.size() != 2 || !row[0] || !row[1]) continue;
    if (*row[0] == "Binlog_snapshot_file") position.file = *row[1];
    if (*row[0] == "Binlog_snapshot_position") {
      std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), position.offset);
    }
  }
  if (!position.file.empty() && position.offset > 0) return position;
  return base::fail(base::Error(base::ErrorKind::peer, "the source does not say which position a view is of")
                        .remedy("start it with log_bin"));
}

}  // namespace relay::seed
