#include "relay/seed/standing_tables.h"

#include <charconv>

namespace relay::seed {

using base::Result;

Result<StandingTables> StandingTables::begin(source::SourceConnection& connection, const source::SourceFacts& facts,
                                             const source::LeavingTables& leaving) {
  StandingTables standing(connection, facts, leaving);
  // In this order, and the other one in still(): the statement that takes away a table which is not among the names
  // begins between the two counts.
  RELAY_ASSIGN(standing.takings_, standing.count_takings());
  RELAY_ASSIGN(standing.names_, standing.read_names());
  return standing;
}

Result<bool> StandingTables::still() const {
  RELAY_ASSIGN(const TableNames names, read_names());
  RELAY_ASSIGN(const std::uint64_t takings, count_takings());
  return names == names_ && takings == takings_;
}

Result<TableNames> StandingTables::read_names() const {
  RELAY_ASSIGN(const std::vector<sql::TableName> all, source::read_table_names(connection_, facts_));
  TableNames names;
  for (const sql::TableName& name : all) {
    if (leaving_.database_leaves(name.database) && leaving_.table_leaves(name))
      names.emplace(name.database, name.table);
  }
  return names;
}

// Since the source's start. A statement counts from when it begins.
Result<std::uint64_t> StandingTables::count_takings() const {
  RELAY_ASSIGN(const source::Rows rows,
               connection_.query("SHOW GLOBAL STATUS WHERE Variable_name IN "
                                 "('Com_drop_table', 'Com_drop_db', 'Com_rename_table', 'Com_alter_table')"));
  std::uint64_t all = 0;
  for (const source::Row& row : rows) {
    if (row.size() != 2 || !row[1]) continue;
    std::uint64_t count = 0;
    std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), count);
    all += count;
  }
  return all;
}

}  // namespace relay::seed
