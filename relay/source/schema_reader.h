#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/sql/ddl.h"

namespace relay::source {

// What of the source the rules let out; names come folded where the source folds them. Both may be asked for any name.
struct LeavingTables {
  std::function<bool(std::string_view database)> database_leaves;
  std::function<bool(const sql::TableName&)> table_leaves;
  bool plain_tables = false;  // whether the plain tables (triggers.h) are to be known
};

// Character set and collation that a database gives its new tables.
using CharacterSets = std::map<std::string, std::pair<std::string, std::string>>;

// Definitions as the source has them now.
struct SourceSchema {
  std::vector<sql::TableDefinition> tables;
  CharacterSets database_character_sets;  // of the leaving databases
};

// The databases that the account can see, as the source spells them. From here on the session shows hidden primary keys
// of tables, as the binary log does.
[[nodiscard]] base::Result<CharacterSets> read_databases(SourceConnection& connection, const SourceFacts& facts);

// Schemas of the server itself; they hold accounts and never leave.
[[nodiscard]] bool is_system_database(std::string_view database);

// What SHOW CREATE TABLE says, or SHOW CREATE SEQUENCE; nothing where the table is gone. Names as the source takes
// them.
[[nodiscard]] base::Result<std::optional<std::string>> read_create_text(SourceConnection& connection,
                                                                        const sql::TableName& table,
                                                                        bool sequence = false);

// Is told the text that each definition was read from.
using CreateTextSeen = std::function<void(const sql::TableDefinition& table, std::string text)>;

// Reads the definitions of the tables that leave (base tables, system-versioned tables, sequences) with one SHOW CREATE
// each. A table that goes away meanwhile is passed over. The account sees only tables that it has a privilege on.
// Errors: those of the connection; unsupported, naming the table, for a definition that cannot be read.
[[nodiscard]] base::Result<SourceSchema> read_schema(SourceConnection& connection, const SourceFacts& facts,
                                                     const LeavingTables& leaving, const CreateTextSeen& seen = {});

// The names of all databases that the account can see, save the server's own; folded where the source folds them.
[[nodiscard]] base::Result<std::vector<std::string>> read_database_names(SourceConnection& connection,
                                                                         const SourceFacts& facts);
// All tables and sequences that the account can see, save the server's own; names folded where the source folds them.
[[nodiscard]] base::Result<std::vector<sql::TableName>> read_table_names(SourceConnection& connection,
                                                                         const SourceFacts& facts);

// The context that SHOW CREATE's text of `database` is to be read in.
[[nodiscard]] sql::SqlContext show_create_context(const SourceFacts& facts, std::string database);
// Reads one text of SHOW CREATE TABLE or SHOW CREATE SEQUENCE. Errors: unsupported.
[[nodiscard]] base::Result<sql::TableDefinition> read_definition(std::string_view create,
                                                                 const sql::SqlContext& context,
                                                                 const CharacterSets& database_character_sets);

}  // namespace relay::source
