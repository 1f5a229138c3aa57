#include "relay/seed/standing_tables.h"

#include <array>
#include <string_view>

namespace relay::seed {

using base::Result;

namespace {

constexpr auto kTakings =
    std::to_array<std::string_view>({"Com_drop_table", "Com_drop_db", "Com_rename_table", "Com_alter_table"});

}  // namespace

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
  RELAY_ASSIGN(const StatusCounts takings, count_takings());
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

Result<StatusCounts> StandingTables::count_takings() const { return read_status_counts(connection_, kTakings); }

}  // namespace relay::seed
