#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "relay/sql/table_definition.h"

namespace relay::sql {

enum class Dialect : std::uint8_t { mysql, mariadb };

// The session that a statement ran in, as its query event tells.
struct SqlContext {
  Dialect dialect = Dialect::mysql;
  std::uint32_t server_version = 0;     // 50624, 90704, 101119 ...: decides which versioned comments were executed
  std::uint64_t sql_mode = 0;           // bits of the server: ANSI_QUOTES 0x4, NO_BACKSLASH_ESCAPES 0x100000 ...
  std::uint16_t client_collation = 45;  // collation id of character_set_client
  std::string default_database;
  bool lower_case_table_names = false;
  // False where TIMESTAMP columns are NOT NULL unless they say NULL: the default before MySQL 8.0 and MariaDB 10.10.
  bool explicit_defaults_for_timestamp = true;
};

enum class StatementKind : std::uint8_t {
  begin,
  commit,
  rollback,
  savepoint,
  rollback_to_savepoint,
  release_savepoint,
  xa_start,
  xa_end,
  xa_prepare,
  xa_commit,
  xa_rollback,
  create_table,
  alter_table,
  drop_table,
  rename_table,
  truncate_table,
  create_index,
  drop_index,
  create_database,
  alter_database,
  drop_database,
  // Changes no table's rows or columns, so leaving it out keeps the replica right: accounts, routines, views, triggers,
  // events, servers, FLUSH, ANALYZE, OPTIMIZE, comments alone ...
  harmless,
  // Changes rows, or could: INSERT, UPDATE, DELETE, REPLACE, LOAD, CALL, DO, WITH ..., CREATE TABLE ... SELECT as a
  // statement.
  changes_data,
};

// A statement read into its tree. Immutable; owns copies of what it needs of the text.
class Statement {
 public:
  virtual ~Statement() = default;
  [[nodiscard]] virtual StatementKind kind() const = 0;
  // Every table that the statement creates, alters, drops, renames or empties; both sides of each rename, in the
  // statement's order.
  [[nodiscard]] virtual std::vector<TableName> tables() const = 0;
  // For create_database, alter_database, drop_database; else empty.
  [[nodiscard]] virtual std::string database() const { return {}; }
  // Null when the statement was read whole. Else why nothing but the table it names could be: it may be left out where
  // that table does not leave, and is as good as unreadable everywhere else.
  [[nodiscard]] virtual const base::Error* why_unread() const { return nullptr; }
};

// Reads one statement. What cannot be read with certainty is an Error (kind unsupported, offset = byte in the text;
// never a piece of the text); the caller stops the stream then.
[[nodiscard]] base::Result<std::unique_ptr<Statement>> read_statement(std::string_view text, const SqlContext& context);

// The tables known at a position, by name. Names are folded by the caller's lower_case_table_names.
class Catalog {
 public:
  virtual ~Catalog() = default;
  // Null when not known.
  [[nodiscard]] virtual const TableDefinition* find(const TableName& name) const = 0;
  // Every known table of `database`.
  [[nodiscard]] virtual std::vector<TableName> tables_of(std::string_view database) const = 0;
  // Every known table of every database that has one; valid until the next change.
  [[nodiscard]] virtual std::vector<const TableDefinition*> tables_with_foreign_keys() const = 0;
  // Default character set and collation of a database; empty strings when not known.
  [[nodiscard]] virtual std::pair<std::string, std::string> database_character_set(std::string_view database) const = 0;
};

// One change to the catalog.
struct CatalogChange {
  TableName name;
  std::unique_ptr<TableDefinition> definition;  // null: the table is gone, or no longer known for certain
};

// What `statement` does to the definitions: the new definition of each table it touches, in order. An ALTER of a table
// that the catalog does not know gives a change with a null definition. Errors: the statement contradicts the catalog
// (a column that is not there).
[[nodiscard]] base::Result<std::vector<CatalogChange>> apply(const Statement& statement, const Catalog& before);

enum class ColumnFate : std::uint8_t {
  keeps,    // leaves with its values
  altered,  // leaves, with other values (null, constant ...)
  mapped,   // leaves, with other values that are equal and NULL where the source's are, and different where they differ
  stripped,  // does not leave
};

// What the rules make of one table's definition; `fates` runs parallel to definition.columns.
struct TableFate {
  bool leaves = false;
  const TableDefinition* definition = nullptr;  // valid during the call
  std::vector<ColumnFate> fates;
  // Runs parallel to the columns, or is empty: of altered and mapped columns whose values are made of the source's, a
  // text that says how. Equal texts are equal mappings. Begins with ~ where the servers call values equal, or may,
  // whose pseudonyms differ.
  std::vector<std::string> mappings = {};
  // Runs parallel to the columns, or is empty: the text of altered columns that have one value in every row, where the
  // source's is NULL, too (constant).
  std::vector<std::optional<std::string>> constants = {};
};

class TableFates {
 public:
  virtual ~TableFates() = default;
  // The fate of a table whose definition is `definition` (of before or after the statement). The closure is done:
  // a column computed from a stripped or altered one is stripped.
  [[nodiscard]] virtual TableFate fate_of(const TableDefinition& definition) const = 0;
  // Whether a table of this name leaves at all, without knowing its columns.
  [[nodiscard]] virtual bool table_leaves(const TableName& name) const = 0;
  // Whether any table of the database may leave.
  [[nodiscard]] virtual bool database_leaves(std::string_view database) const = 0;
};

// The statements, in order, that bring a replica that has the scrubbed tables of `before` to the scrubbed tables of
// `after`; none when nothing of it leaves,
// never more than one, since a GTID has room for one DDL statement. Written anew from the tree: no comment, no COMMENT
// clause, no literal that belongs to a column that does not keep its values. Where the scrubbed table could not stay
// correct, an Error of kind rule with the remedy. Catalog `before` is the one given to apply(), `changes` its result.
[[nodiscard]] base::Result<std::vector<std::string>> rewrite(const Statement& statement, const Catalog& before,
                                                             const std::vector<CatalogChange>& changes,
                                                             const TableFates& fates, const SqlContext& context);

}  // namespace relay::sql
