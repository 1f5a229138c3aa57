#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/sql/ddl.h"
#include "relay/sql/token.h"

namespace relay::sql {

// The trees of the statements that are rewritten. They own everything, and keep no COMMENT clause. Tokens are kept only
// for expressions and literals; everything else has its own place, so that a printer writes nothing that was not
// understood.

struct TypeSpec {
  std::string written;  // as it is printed: "int", "varchar", "national char", "double", "json" ...
  std::string base;     // of the definition; differs for aliases such as MariaDB's json
  std::optional<std::uint32_t> length;
  std::optional<std::uint32_t> scale;
  bool is_unsigned = false;
  bool zerofill = false;
  bool binary_collation = false;  // the attribute BINARY
  bool compressed = false;
  std::string character_set;
  std::string collation;
  TokenList members;
};

struct CheckSpec {
  std::string name;
  TokenList expression;
  std::optional<bool> enforced;
  bool if_not_exists = false;
  bool dropped_by_name = false;
};

struct ColumnSpec {
  std::string name;
  TypeSpec type;
  bool if_exists = false;  // IF NOT EXISTS of ADD, IF EXISTS of MODIFY and CHANGE
  std::optional<bool> nullable;
  TokenList default_value;  // empty: none
  bool default_is_literal = false;
  bool default_parenthesized = false;
  TokenList on_update;
  bool auto_increment = false;
  bool has_key = false;  // UNIQUE or PRIMARY stood at the column; the index itself stands among the indexes
  bool primary = false;
  TokenList generated;
  std::string generated_kind;  // "virtual", "stored" or empty
  std::string row_period;      // "start" or "end" of system versioning
  std::optional<bool> visible;
  std::optional<bool> versioned;
  std::optional<std::uint64_t> srid;
  std::string column_format;
  std::vector<CheckSpec> checks;

  // Whether rows get something but NULL where nothing is said of the column.
  [[nodiscard]] bool has_default() const { return !default_value.empty() && !default_value.front().is_word("null"); }
};

struct IndexPartSpec {
  std::string column;
  std::optional<std::uint32_t> prefix;
  TokenList expression;
  bool descending = false;
  bool without_overlaps = false;  // `column` names an application-time period of MariaDB
};

struct IndexSpec {
  IndexKind kind = IndexKind::plain;
  std::string name;
  bool if_not_exists = false;
  bool generated_by_foreign_key = false;
  std::vector<IndexPartSpec> parts;
  std::string algorithm;  // btree, hash, rtree
  std::string parser;
  std::optional<bool> visible;  // VISIBLE and INVISIBLE; MariaDB's NOT IGNORED and IGNORED
  std::optional<std::uint64_t> key_block_size;
  std::optional<std::uint64_t> vector_m;
  std::string vector_distance;
};

struct ForeignKeySpec {
  std::string name;
  std::string index_name;
  bool if_not_exists = false;
  std::vector<std::string> columns;
  TableName referenced;
  std::vector<std::string> referenced_columns;
  std::string match;
  std::string on_delete;
  std::string on_update;
};

// MariaDB's PERIOD FOR name (start, end), other than that of system versioning.
struct PeriodSpec {
  PeriodDefinition definition;
  bool if_not_exists = false;
};

struct PartitionDefinition {
  std::string name;
  TokenList values;  // VALUES LESS THAN (..), VALUES IN (..), DEFAULT, HISTORY, CURRENT
  std::string engine;
  std::vector<PartitionDefinition> subpartitions;
};

struct PartitionSpec {
  TokenList head;               // what stands between PARTITION BY and the list of partitions
  TokenList columns;            // the expressions and column lists of it
  bool by_primary_key = false;  // KEY () without columns
  bool system_time = false;
  std::vector<PartitionDefinition> partitions;
};

struct TableOption {
  std::string name;  // as printed
  std::string text;  // value, plain
  TokenList value;   // or as tokens
};

struct TableOptions {
  std::string character_set;
  std::string collation;
  std::string engine;
  std::string row_format;
  bool mentions_character_set = false;
  std::vector<TableOption> others;
};

enum class ClauseKind : std::uint8_t {
  add_column,
  drop_column,
  modify_column,
  change_column,
  rename_column,
  set_default,
  drop_default,
  set_column_visibility,
  add_index,
  drop_index,
  drop_primary_key,
  rename_index,
  set_index_visibility,
  add_foreign_key,
  drop_foreign_key,
  add_check,
  drop_check,
  drop_constraint,
  set_check_enforcement,
  rename_table,
  convert_character_set,
  table_options,
  order_by,
  force,
  keys,
  add_system_versioning,
  drop_system_versioning,
  add_period,  // of system versioning
  drop_period,
  add_application_period,
  drop_application_period,
  partition_by,
  remove_partitioning,
  add_partition,
  drop_partition,
  reorganize_partition,
  // Without effect on the rows: REBUILD, COALESCE of hash partitions, OPTIMIZE, ANALYZE, CHECK, REPAIR.
  partition_maintenance,
  coalesce_partition,
  truncate_partition,
  // Rows move with whole files, without row events.
  exchange_partition,
  convert_partition,  // CONVERT PARTITION name TO TABLE table
  convert_table,      // CONVERT TABLE table TO PARTITION definition
  move_tablespace,    // DISCARD and IMPORT
};

struct AlterClause {
  ClauseKind kind = ClauseKind::force;
  std::string name;  // of the column, index, constraint; the old name of CHANGE and RENAME
  std::string new_name;
  bool conditional = false;  // IF EXISTS, IF NOT EXISTS
  bool flag = false;         // visible, enforced, enable
  std::optional<ColumnSpec> column;
  bool first = false;
  std::string after;
  std::optional<IndexSpec> index;
  std::optional<ForeignKeySpec> foreign_key;
  std::optional<CheckSpec> check;
  TableName table;  // RENAME TO, EXCHANGE ... WITH, CONVERT
  std::optional<PeriodSpec> period;
  std::optional<bool> validation;  // WITH and WITHOUT VALIDATION of what moves rows
  TokenList tokens;                // default value, ORDER BY list
  bool tokens_are_literal = false;
  TableOptions options;  // table_options; character set and collation of CONVERT
  PartitionSpec partition;
  std::vector<std::string> partition_names;
  bool all_partitions = false;
  std::uint64_t count = 0;  // ADD PARTITION PARTITIONS n, COALESCE n
};

// What a CREATE TABLE and an ALTER TABLE share.
struct TableParts {
  std::vector<ColumnSpec> columns;
  std::vector<IndexSpec> indexes;  // those written at columns too, in the order of the statement
  std::vector<ForeignKeySpec> foreign_keys;
  std::vector<CheckSpec> checks;
  std::optional<std::pair<std::string, std::string>> period;  // FOR SYSTEM_TIME
  std::vector<PeriodSpec> application_periods;
};

class SimpleStatement : public Statement {
 public:
  explicit SimpleStatement(StatementKind kind) : kind_(kind) {}
  [[nodiscard]] StatementKind kind() const override { return kind_; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {}; }

 private:
  StatementKind kind_;
};

class CreateTable : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::create_table; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {name}; }

  TableName name;
  SqlContext context;
  bool or_replace = false;
  bool if_not_exists = false;
  bool start_transaction = false;
  bool system_versioning = false;
  std::optional<TableName> like;
  TableParts parts;
  TableOptions options;
  std::optional<PartitionSpec> partition;
};

// CREATE TABLE ... SELECT as text: the rows come from elsewhere.
class CreateTableSelect : public Statement {
 public:
  explicit CreateTableSelect(TableName name) : name_(std::move(name)) {}
  [[nodiscard]] StatementKind kind() const override { return StatementKind::changes_data; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {name_}; }

 private:
  TableName name_;
};

// CREATE TABLE or ALTER TABLE of which only the table is understood.
class UnreadTableStatement : public Statement {
 public:
  UnreadTableStatement(StatementKind kind, TableName name, base::Error reason)
      : kind_(kind), name_(std::move(name)), reason_(std::move(reason)) {}
  [[nodiscard]] StatementKind kind() const override { return kind_; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {name_}; }
  [[nodiscard]] const base::Error* why_unread() const override { return &reason_; }

 private:
  StatementKind kind_;
  TableName name_;
  base::Error reason_;
};

// ALTER TABLE, CREATE INDEX and DROP INDEX.
class AlterTable : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return kind_; }
  [[nodiscard]] std::vector<TableName> tables() const override;

  StatementKind kind_ = StatementKind::alter_table;
  TableName name;
  SqlContext context;
  bool if_exists = false;
  bool ignore = false;
  std::vector<AlterClause> clauses;
};

class DropTables : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::drop_table; }
  [[nodiscard]] std::vector<TableName> tables() const override { return names; }

  std::vector<TableName> names;
  bool if_exists = false;
};

class RenameTables : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::rename_table; }
  [[nodiscard]] std::vector<TableName> tables() const override;

  std::vector<std::pair<TableName, TableName>> renames;
  bool if_exists = false;
};

class TruncateTable : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::truncate_table; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {name}; }

  TableName name;
};

class DatabaseStatement : public Statement {
 public:
  explicit DatabaseStatement(StatementKind kind) : kind_(kind) {}
  [[nodiscard]] StatementKind kind() const override { return kind_; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {}; }
  [[nodiscard]] std::string database() const override { return name; }

  std::string name;
  bool or_replace = false;
  bool conditional = false;
  std::string character_set;
  std::string collation;

 private:
  StatementKind kind_;
};

// MariaDB's CREATE, ALTER and DROP SEQUENCE: of no use to a replica, since the rows of a sequence do not leave.
class SequenceStatement : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::harmless; }
  [[nodiscard]] std::vector<TableName> tables() const override { return names; }

  enum class Action : std::uint8_t { create, alter, drop };
  Action action = Action::create;
  std::vector<TableName> names;
};

// CREATE and DROP TRIGGER. A replica needs none: what triggers do at the source comes as rows.
class TriggerStatement : public Statement {
 public:
  [[nodiscard]] StatementKind kind() const override { return StatementKind::harmless; }
  [[nodiscard]] std::vector<TableName> tables() const override { return {}; }

  bool drops = false;
  TableName name;            // of the trigger
  TableName table;           // that it belongs to; empty where the statement does not say it
  bool folds_names = false;  // lower_case_table_names, for the names in `body`, which stand as they were written
  TokenList body;
};

}  // namespace relay::sql
