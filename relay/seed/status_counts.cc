#include "relay/seed/status_counts.h"

#include <charconv>

#include "relay/source/dump_command.h"

namespace relay::seed {

base::Result<StatusCounts> read_status_counts(source::SourceConnection& connection,
                                              std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + source::quote_text(name);
  RELAY_ASSIGN(const source::Rows rows, connection.query("SHOW GLOBAL STATUS WHERE Variable_name IN (" + list + ")"));
  StatusCounts counts;
  for (const source::Row& row : rows) {
    if (row.size() != 2 || !row[0] || !row[1]) continue;
    std::uint64_t count = 0;
    const char* end = row[1]->data() + row[1]->size();
    if (std::from_chars(row[1]->data(), end, count).ptr == end) counts[*row[0]] = count;
  }
  if (counts.size() == names.size()) return counts;
  return base::fail(base::ErrorKind::malformed, "the source does not say how many statements of a kind it has run");
}

}  // namespace relay::seed
