#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/sql/split_create.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// A table that leaves, as it is at the source and as a replica gets it.
struct SnapshotTable {
  sql::TableDefinition definition;
  std::string shown;       // SHOW CREATE TABLE at the source
  std::string made_at;     // when the source says that the table was made, which another of its name does not say
  std::string create;      // the scrubbed table's CREATE TABLE, without its database
  sql::SplitCreate split;  // the same, in the parts that are loaded
  std::uint64_t estimated_rows = 0;
  [[nodiscard]] std::string name() const { return definition.database + '.' + definition.table; }
};

using TableNames = std::set<std::pair<std::string, std::string>>;  // database and table

struct SnapshotSchema {
  source::CharacterSets databases;  // those that may have tables that leave
  TableNames listed;                // all tables and sequences that leave by their names
  std::vector<SnapshotTable> tables;
};

// Reads the source's schema as it is now and writes it anew as the rules want it, by the writer of the stream's DDL.
// Sequences, views, triggers, routines and events do not leave. Errors: those of the connection; those of rewriting;
// rule, unless any engine will do, for a table whose engine keeps no older versions of its rows: it has no state at one
// moment.
enum class Engines : std::uint8_t { with_views, any };
[[nodiscard]] base::Result<SnapshotSchema> read_snapshot_schema(source::SourceConnection& connection,
                                                                const source::SourceFacts& facts,
                                                                const source::LeavingTables& leaving,
                                                                const scrub_rules::RuleView& rules,
                                                                Engines engines = Engines::with_views);

// Judges the rules against each table as `check` does. Errors: rule, naming the first table that they do not fit.
[[nodiscard]] base::Result<void> check_rules(const SnapshotSchema& schema, const source::SourceFacts& facts,
                                             const scrub_rules::RuleView& rules);

// Whether two texts of SHOW CREATE TABLE show the same definition: the next AUTO_INCREMENT value, which rows change, is
// no part of it.
[[nodiscard]] bool same_definition(std::string_view a, std::string_view b);
// The text without that value.
[[nodiscard]] std::string same_parts(std::string_view shown);

// When a table was made, for SnapshotTable::made_at; empty where there is none.
[[nodiscard]] base::Result<std::string> read_made_at(source::SourceConnection& connection, const sql::TableName& table);

// About how many rows each table has, by the server's own estimate.
[[nodiscard]] base::Result<void> estimate_rows(source::SourceConnection& connection, const source::SourceFacts& facts,
                                               SnapshotSchema& schema);

// How schema.sql and indexes.sql begin.
[[nodiscard]] std::string schema_head();
// The text of schema.sql, databases and tables, and of indexes.sql, what is added behind the rows: all tables' indexes,
// then all foreign keys. For a client of MySQL or MariaDB.
[[nodiscard]] std::string schema_text(const SnapshotSchema& schema);
[[nodiscard]] std::string indexes_text(const SnapshotSchema& schema);

}  // namespace relay::seed
