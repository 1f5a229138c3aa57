#pragma once

#include <memory>

#include "relay/sql/statement_tree.h"
#include "relay/sql/token_cursor.h"

// The readers of the grammar's parts, one per file. Each takes its part from the cursor, or is an Error (unsupported).
namespace relay::sql {

[[nodiscard]] base::Result<TypeSpec> read_type(TokenCursor& cursor, bool& is_serial);
// Type and attributes of a column called `name`. Indexes, foreign keys and the like written at the column go to
// `parts`.
[[nodiscard]] base::Result<ColumnSpec> read_column(TokenCursor& cursor, std::string name, TableParts& parts);
// The value after DEFAULT: a literal, an expression in parentheses, or a function.
struct DefaultValue {
  TokenList tokens;
  bool literal = false;
  bool parenthesized = false;
};
[[nodiscard]] base::Result<DefaultValue> read_default(TokenCursor& cursor);
[[nodiscard]] bool is_default_literal_start(const TokenCursor& cursor);

[[nodiscard]] bool at_table_element(const TokenCursor& cursor);  // an index, a constraint or a period, not a column
// Index, foreign key, check or period of a table: what stands in CREATE TABLE's list and after ALTER's ADD.
[[nodiscard]] base::Result<void> read_table_element(TokenCursor& cursor, TableParts& parts);
[[nodiscard]] base::Result<CheckSpec> read_check(TokenCursor& cursor, std::string name);
[[nodiscard]] base::Result<ForeignKeySpec> read_references(TokenCursor& cursor, ForeignKeySpec key);
// "(parts) options"; and what may stand before: USING ...
[[nodiscard]] base::Result<void> read_index_body(TokenCursor& cursor, IndexSpec& index);
// Adds `key` to the parts, with the index that the server makes for it.
void add_foreign_key(TableParts& parts, ForeignKeySpec key);
// A name without a database means the database of the table that has the key, not that of the session.
void refer_from(const TableName& table, ForeignKeySpec& key);

[[nodiscard]] bool at_table_option(const TokenCursor& cursor);
[[nodiscard]] base::Result<void> read_table_option(TokenCursor& cursor, TableOptions& options);
[[nodiscard]] base::Result<std::string> read_character_set(TokenCursor& cursor);

// After PARTITION BY.
[[nodiscard]] base::Result<PartitionSpec> read_partitioning(TokenCursor& cursor);
[[nodiscard]] base::Result<std::vector<PartitionDefinition>> read_partition_list(TokenCursor& cursor);
[[nodiscard]] base::Result<PartitionDefinition> read_partition(TokenCursor& cursor);

// Each stands after its first keywords and reads up to the end.
using StatementResult = base::Result<std::unique_ptr<Statement>>;
[[nodiscard]] StatementResult read_create(TokenCursor& cursor);                         // after CREATE
[[nodiscard]] StatementResult read_create_table(TokenCursor& cursor, bool or_replace);  // after TABLE
[[nodiscard]] StatementResult read_create_index(TokenCursor& cursor, bool or_replace);
[[nodiscard]] StatementResult read_alter(TokenCursor& cursor);                     // after ALTER
[[nodiscard]] StatementResult read_alter_table(TokenCursor& cursor, bool ignore);  // after TABLE
[[nodiscard]] StatementResult read_drop(TokenCursor& cursor);
[[nodiscard]] StatementResult read_rename(TokenCursor& cursor);
[[nodiscard]] StatementResult read_truncate(TokenCursor& cursor);
[[nodiscard]] StatementResult read_database(TokenCursor& cursor, StatementKind kind, bool or_replace);
[[nodiscard]] StatementResult read_trigger(TokenCursor& cursor);       // after CREATE ... TRIGGER
[[nodiscard]] StatementResult read_drop_trigger(TokenCursor& cursor);  // after DROP TRIGGER
[[nodiscard]] StatementResult read_transaction(TokenCursor& cursor);   // BEGIN, COMMIT, SAVEPOINT, XA ...
// A statement of which only the kind matters. Nothing may follow a semicolon at its end, unless it has a body.
[[nodiscard]] StatementResult read_simple(TokenCursor& cursor, StatementKind kind, bool has_body = false);

[[nodiscard]] base::Result<void> read_alter_clauses(TokenCursor& cursor, AlterTable& alter);
[[nodiscard]] base::Result<void> read_add(TokenCursor& cursor, AlterTable& alter);
[[nodiscard]] base::Result<void> read_drop_clause(TokenCursor& cursor, AlterTable& alter);
// Whether a partition clause stood here; a partition clause is the only one of its statement.
[[nodiscard]] base::Result<bool> read_partition_clause(TokenCursor& cursor, AlterTable& alter);
inline AlterClause& add_clause(AlterTable& alter, ClauseKind kind) {
  AlterClause& clause = alter.clauses.emplace_back();
  clause.kind = kind;
  return clause;
}
// The clauses of one ADD list, in the order of the statement.
void append_parts(AlterTable& alter, TableParts parts);

template <typename T>
[[nodiscard]] StatementResult finished(TokenCursor& cursor, std::unique_ptr<T> statement) {
  RELAY_TRY(cursor.expect_end());
  return std::unique_ptr<Statement>(std::move(statement));
}

}  // namespace relay::sql
