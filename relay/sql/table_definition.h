#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay::sql {

struct TableName {
  // Where the statement names none, the default database; of a foreign key, empty until its table is known.
  std::string database;
  std::string table;
  friend bool operator==(const TableName&, const TableName&) = default;
};

// What rows have at the source in a column that ALTER TABLE added after them. At a replica they have NULL or the zero
// of the type where the column's values are replaced.
enum class OlderRows : std::uint8_t { none, null, value };

// What a column was declared as, in the words of the server's grammar, without any literal of a DEFAULT or an
// expression.
struct ColumnDefinition {
  std::string name;
  std::string type;  // lower case base type: "int", "varchar", "enum", "datetime" ...; aliases resolved (integer → int)
  std::optional<std::uint32_t> length;  // display width, characters, bytes, bits, or decimal precision
  std::optional<std::uint32_t> scale;   // decimals; for temporal types the fractional digits stand in `length`
  bool is_unsigned = false;
  bool nullable = true;
  bool generated = false;  // virtual and stored alike
  bool auto_increment = false;
  bool invisible = false;
  bool compressed = false;  // MariaDB COMPRESSED
  bool implicit =
      false;  // made by the server, named by no statement: row_start/row_end of WITH SYSTEM VERSIONING, my_row_id
  bool row_period = false;  // MariaDB: start or end of the row's life under system versioning
  OlderRows older_rows = OlderRows::none;
  std::string character_set;  // as declared or inherited from the table or database; empty when not known or binary
  std::string collation;
  std::vector<std::string> members;  // ENUM and SET, unescaped text in utf8mb4
  std::vector<std::string>
      depends_on;  // columns named by the generation expression, by an expression DEFAULT or ON UPDATE
};

inline constexpr std::size_t kPeriodColumns = 2;

enum class IndexKind : std::uint8_t { primary, unique, plain, fulltext, spatial, vector };

struct IndexPart {
  std::string column;                   // empty for a functional part
  std::optional<std::uint32_t> prefix;  // characters or bytes
  std::vector<std::string> depends_on;  // columns named by a functional part
};

// MariaDB's PERIOD FOR name (start, end), other than that of system versioning.
struct PeriodDefinition {
  std::string name;
  std::string start;
  std::string end;
};

struct IndexDefinition {
  IndexKind kind = IndexKind::plain;
  std::string name;  // empty when the server chooses; then equal to what the server will choose where that is known
  std::vector<IndexPart> parts;
  bool visible = true;           // INVISIBLE, or MariaDB's IGNORED: no statement may be made to read by it
  bool generated = false;        // made by the server for a foreign key, and gone when another index serves it
  std::string without_overlaps;  // the application-time period whose end and start are the last two parts
  bool hash =
      false;  // MariaDB: UNIQUE over BLOB/TEXT or USING HASH longer than a key, which adds hidden DB_ROW_HASH_n columns
};

// A column behind a foreign key: one that the referenced column has its values from.
struct KeyOrigin {
  std::size_t key_column = 0;  // of the key's columns, the one that has the values, too
  std::string database;
  std::string table;
  std::string column;
};

struct ForeignKeyDefinition {
  std::string name;
  std::vector<std::string> columns;
  std::string referenced_database;  // empty: the table's own
  std::string referenced_table;
  std::vector<std::string> referenced_columns;
  std::string on_delete;  // "cascade", "set null" ...; empty: restrict. Cascaded rows are not in the binary log before
                          // MySQL 9.6
  std::string on_update;
  // Through any number of further foreign keys and expressions. Kept with the key, since it holds on when a table in
  // between is gone; unset until it was looked up.
  std::optional<std::vector<KeyOrigin>> origins;
};

struct CheckDefinition {
  std::string name;
  std::vector<std::string> depends_on;
};

// One table as the statements up to a position made it. Column order is the order of the binary log.
// Comparing column names is case-insensitive everywhere (the server's rule).
struct TableDefinition {
  std::string database;
  std::string table;
  std::vector<ColumnDefinition> columns;
  std::vector<IndexDefinition> indexes;
  std::vector<ForeignKeyDefinition> foreign_keys;
  std::vector<CheckDefinition> checks;
  std::vector<PeriodDefinition> periods;
  std::vector<std::string> partition_columns;  // columns named by PARTITION BY / SUBPARTITION BY
  bool partitioned = false;
  bool system_versioned = false;
  bool sequence = false;  // MariaDB CREATE SEQUENCE
  bool temporary = false;
  // Something that could not be read may have changed the table: only a table map that names the columns is believed,
  // and nothing of what they are computed from.
  bool unverified = false;
  // It was made in this stream, and no event with rows of it has come since; a start forgets that.
  bool empty = false;
  std::string engine;         // lower case; empty: the server's default
  std::string character_set;  // default of the table; empty when not known
  std::string collation;

  [[nodiscard]] TableName name() const { return {database, table}; }
  // Index into `columns`, without regard to case.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;
};

// The table that a foreign key of `definition` refers to.
[[nodiscard]] TableName parent_of(const TableDefinition& definition, const ForeignKeyDefinition& key);

// Whether tables of an engine (lower case) show the rows of other tables, or of other servers: what is written to them
// is written there, and a replica's table of this engine would have nothing behind it.
[[nodiscard]] bool shows_rows_of_others(std::string_view engine);

}  // namespace relay::sql
