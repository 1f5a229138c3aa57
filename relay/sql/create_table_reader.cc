#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

bool at_select(const TokenCursor& cursor) {
  return cursor.is("select") || cursor.is("with") || cursor.is("values") || cursor.is("table") || cursor.is("as") ||
         cursor.is("ignore") || cursor.is("replace") || cursor.is_symbol('(');
}

Result<void> read_elements(TokenCursor& cursor, CreateTable& table) {
  do {
    if (at_table_element(cursor)) {
      RELAY_TRY(read_table_element(cursor, table.parts));
      continue;
    }
    RELAY_ASSIGN(std::string name, cursor.identifier());
    // A column may be named as database.table.column; nobody does, and it would have to be compared.
    if (cursor.is_symbol('.')) return cursor.unread("qualified column name");
    RELAY_ASSIGN(ColumnSpec column, read_column(cursor, std::move(name), table.parts));
    table.parts.columns.push_back(std::move(column));
  } while (cursor.accept_symbol(','));
  return cursor.expect_symbol(')');
}

Result<void> read_options(TokenCursor& cursor, CreateTable& table) {
  while (!cursor.at_end()) {
    if (at_table_option(cursor)) {
      RELAY_TRY(read_table_option(cursor, table.options));
      cursor.accept_symbol(',');
    } else if (cursor.maria() && cursor.accept({"with", "system", "versioning"})) {
      table.system_versioning = true;
    } else if (cursor.accept({"start", "transaction"})) {
      table.start_transaction = true;
    } else if (cursor.accept({"partition", "by"})) {
      RELAY_ASSIGN(table.partition, read_partitioning(cursor));
    } else {
      break;
    }
  }
  return {};
}

Result<bool> read_like(TokenCursor& cursor, CreateTable& table) {
  const bool parenthesized = cursor.is_symbol('(') && cursor.peek(1).is_word("like");
  if (parenthesized) cursor.take();
  if (!cursor.accept("like")) return false;
  RELAY_ASSIGN(TableName source, cursor.table_name());
  table.like = std::move(source);
  if (parenthesized) RELAY_TRY(cursor.expect_symbol(')'));
  return true;
}

StatementResult read_rest(TokenCursor& cursor, std::unique_ptr<CreateTable> table) {
  RELAY_ASSIGN(const bool like, read_like(cursor, *table));
  if (like) return finished(cursor, std::move(table));
  const bool select_first = cursor.is_symbol('(') && (cursor.peek(1).is_word("select") ||
                                                      cursor.peek(1).is_word("with") || cursor.peek(1).is_symbol('('));
  if (cursor.is_symbol('(') && !select_first) {
    cursor.take();
    RELAY_TRY(read_elements(cursor, *table));
    for (auto& key : table->parts.foreign_keys) refer_from(table->name, key);
  }
  RELAY_TRY(read_options(cursor, *table));
  if (at_select(cursor)) return std::unique_ptr<Statement>(std::make_unique<CreateTableSelect>(table->name));
  if (table->parts.columns.empty()) return cursor.unread("CREATE TABLE without columns");
  return finished(cursor, std::move(table));
}

}  // namespace

StatementResult read_create_table(TokenCursor& cursor, bool or_replace) {
  auto table = std::make_unique<CreateTable>();
  table->context = cursor.context();
  table->or_replace = or_replace;
  RELAY_ASSIGN(table->if_not_exists, cursor.if_not_exists());
  RELAY_ASSIGN(table->name, cursor.table_name());
  const TableName name = table->name;
  StatementResult statement = read_rest(cursor, std::move(table));
  // A query reads and, by its functions, may write other tables.
  const bool others = cursor.mentions({"select", "values"});
  if (statement || others) return statement;
  return std::make_unique<UnreadTableStatement>(StatementKind::create_table, name, std::move(statement).error());
}

}  // namespace relay::sql
