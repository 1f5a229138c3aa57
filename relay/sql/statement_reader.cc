#include <algorithm>
#include <array>

#include "relay/sql/lexer.h"
#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

template <std::size_t N>
bool at_one_of(const TokenCursor& cursor, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return cursor.is(word); });
}

constexpr auto kDataWords =
    std::to_array<std::string_view>({"insert", "update", "delete", "replace", "load", "call", "do", "with", "select",
                                     "values", "table", "execute", "import", "handler"});
constexpr auto kTransactionWords =
    std::to_array<std::string_view>({"begin", "start", "commit", "rollback", "savepoint", "release", "xa"});
constexpr auto kHarmlessWords = std::to_array<std::string_view>({"grant", "revoke", "flush", "install", "uninstall"});

// What a statement is about, after CREATE or ALTER and its options; no table's rows or columns change by it.
constexpr auto kHarmlessObjects = std::to_array<std::string_view>({"user", "role", "server", "tablespace", "library"});
constexpr auto kObjectsWithBody =
    std::to_array<std::string_view>({"view", "procedure", "function", "event", "package"});

// user[@host], CURRENT_USER[()], CURRENT_ROLE
Result<void> read_account(TokenCursor& cursor) {
  if (!cursor.peek().is_identifier() && cursor.peek().kind != TokenKind::string)
    return cursor.unread("account is missing");
  cursor.take();
  if (cursor.accept_symbol('(')) return cursor.expect_symbol(')');
  if (!cursor.accept_symbol('@')) return {};
  if (!cursor.peek().is_identifier() && cursor.peek().kind != TokenKind::string)
    return cursor.unread("host of the account is missing");
  cursor.take();
  return {};
}

// ALGORITHM = x, DEFINER = account, SQL SECURITY x, AGGREGATE
Result<void> skip_object_options(TokenCursor& cursor) {
  while (true) {
    if (cursor.accept("algorithm")) {
      RELAY_TRY(cursor.expect_symbol('='));
      RELAY_TRY(cursor.plain_name());
    } else if (cursor.accept("definer")) {
      RELAY_TRY(cursor.expect_symbol('='));
      RELAY_TRY(read_account(cursor));
    } else if (cursor.accept({"sql", "security"})) {
      RELAY_TRY(cursor.plain_name());
    } else if (!cursor.accept("aggregate")) {
      return {};
    }
  }
}

bool at_harmless_object(const TokenCursor& cursor) {
  return at_one_of(cursor, kHarmlessObjects) || cursor.is_sequence({"spatial", "reference", "system"}) ||
         cursor.is_sequence({"or", "replace", "spatial"}) || cursor.is_sequence({"resource", "group"}) ||
         cursor.is_sequence({"undo", "tablespace"}) || cursor.is_sequence({"logfile", "group"}) ||
         cursor.is("instance");
}

bool at_object_with_body(const TokenCursor& cursor) {
  return at_one_of(cursor, kObjectsWithBody) || cursor.is_sequence({"json", "relational"}) ||
         cursor.is_sequence({"json", "duality"});
}

StatementResult read_sequence(TokenCursor& cursor, SequenceStatement::Action action) {
  auto sequence = std::make_unique<SequenceStatement>();
  sequence->action = action;
  const bool create = action == SequenceStatement::Action::create;
  RELAY_TRY(create ? cursor.if_not_exists() : cursor.if_exists());
  RELAY_ASSIGN(TableName name, cursor.table_name());
  sequence->names.push_back(std::move(name));
  RELAY_TRY(read_simple(cursor, StatementKind::harmless));
  return std::unique_ptr<Statement>(std::move(sequence));
}

bool at_index(const TokenCursor& cursor) {
  return cursor.is("index") || cursor.is_sequence({"unique", "index"}) || cursor.is_sequence({"fulltext", "index"}) ||
         cursor.is_sequence({"spatial", "index"}) || cursor.is_sequence({"vector", "index"});
}

// ANALYZE, OPTIMIZE, CHECK and REPAIR of tables; MariaDB's ANALYZE before another statement runs that.
StatementResult read_maintenance(TokenCursor& cursor) {
  const bool analyze = cursor.take().is_word("analyze");
  cursor.accept_any({"no_write_to_binlog", "local"});
  if (cursor.accept_any({"table", "tables", "view"})) return read_simple(cursor, StatementKind::harmless);
  if (analyze && cursor.maria()) return read_simple(cursor, StatementKind::changes_data);
  return cursor.unread("maintenance of something that is not a table");
}

StatementResult read_one(TokenCursor& cursor);

// Variables that change neither how the statement is read nor what it does.
constexpr auto kHarmlessVariables = std::to_array<std::string_view>(
    {"max_statement_time", "lock_wait_timeout", "innodb_lock_wait_timeout", "alter_algorithm", "foreign_key_checks",
     "unique_checks", "sort_buffer_size", "max_session_mem_used", "debug_sync", "binlog_alter_two_phase"});

// SET STATEMENT variable=value [, ...] FOR statement
StatementResult read_set_statement(TokenCursor& cursor) {
  do {
    if (!at_one_of(cursor, kHarmlessVariables))
      return cursor.unread("SET STATEMENT of a variable that may change the meaning");
    cursor.take();
    RELAY_TRY(cursor.expect_symbol('='));
    const TokenKind kind = cursor.peek().kind;
    if (kind != TokenKind::number && kind != TokenKind::word && kind != TokenKind::string)
      return cursor.unread("SET STATEMENT value is not known");
    cursor.take();
  } while (cursor.accept_symbol(','));
  RELAY_TRY(cursor.expect("for"));
  if (cursor.is("set")) return cursor.unread("SET STATEMENT inside SET STATEMENT");
  return read_one(cursor);
}

StatementResult read_set(TokenCursor& cursor) {
  if (cursor.maria() && cursor.accept("statement")) return read_set_statement(cursor);
  if (cursor.is("password") || cursor.is_sequence({"default", "role"}))
    return read_simple(cursor, StatementKind::harmless);
  return cursor.unread("SET of something that is not known");
}

// MariaDB takes a query there that calls a function which changes rows of other tables, itself or in a view, and logs
// nothing else of that.
StatementResult read_create_temporary(TokenCursor& cursor) {
  bool in_query = false;
  bool may_call = false;
  while (!cursor.at_end() && !cursor.is_symbol(';')) {
    in_query = in_query || (cursor.maria() && (cursor.is("select") || cursor.is("values")));
    may_call = may_call || (in_query && (cursor.is("from") || cursor.is_symbol('(')));
    cursor.take();
  }
  const StatementKind kind = may_call ? StatementKind::changes_data : StatementKind::harmless;
  return finished(cursor, std::make_unique<SimpleStatement>(kind));
}

StatementResult read_one(TokenCursor& cursor) {
  if (cursor.at_end()) return read_simple(cursor, StatementKind::harmless);  // nothing but comments
  if (at_one_of(cursor, kTransactionWords)) return read_transaction(cursor);
  if (cursor.accept("create")) return read_create(cursor);
  if (cursor.accept("alter")) return read_alter(cursor);
  if (cursor.accept("drop")) return read_drop(cursor);
  if (cursor.accept("rename")) return read_rename(cursor);
  if (cursor.accept("truncate")) return read_truncate(cursor);
  if (cursor.accept("set")) return read_set(cursor);
  if (cursor.is("analyze") || cursor.is("optimize") || cursor.is("check") || cursor.is("repair"))
    return read_maintenance(cursor);
  if (at_one_of(cursor, kHarmlessWords)) return read_simple(cursor, StatementKind::harmless);
  if (at_one_of(cursor, kDataWords) || cursor.is_symbol('('))
    return std::unique_ptr<Statement>(std::make_unique<SimpleStatement>(StatementKind::changes_data));
  return cursor.unread("statement is not known");
}

}  // namespace

StatementResult read_simple(TokenCursor& cursor, StatementKind kind, bool has_body) {
  while (!cursor.at_end() && (has_body || !cursor.is_symbol(';'))) cursor.take();
  return finished(cursor, std::make_unique<SimpleStatement>(kind));
}

StatementResult read_create(TokenCursor& cursor) {
  const bool or_replace = cursor.accept({"or", "replace"});
  if (cursor.accept("temporary")) {
    const bool known = cursor.is("table") || (cursor.maria() && cursor.is("sequence"));
    if (!known) return cursor.unread("CREATE TEMPORARY of this");
    return read_create_temporary(cursor);
  }
  if (cursor.accept("table")) return read_create_table(cursor, or_replace);
  if (cursor.accept_any({"database", "schema"}))
    return read_database(cursor, StatementKind::create_database, or_replace);
  if (at_index(cursor)) return read_create_index(cursor, or_replace);
  if (cursor.maria() && cursor.accept("sequence")) return read_sequence(cursor, SequenceStatement::Action::create);
  if (at_harmless_object(cursor)) return read_simple(cursor, StatementKind::harmless);
  RELAY_TRY(skip_object_options(cursor));
  if (cursor.accept("trigger")) return read_trigger(cursor);
  if (at_object_with_body(cursor)) return read_simple(cursor, StatementKind::harmless, true);
  return cursor.unread("CREATE of something that is not known");
}

StatementResult read_alter(TokenCursor& cursor) {
  cursor.accept("online");
  const bool ignore = cursor.accept("ignore");
  if (cursor.accept("table")) return read_alter_table(cursor, ignore);
  if (ignore) return cursor.unread("ALTER IGNORE of something that is not known");
  if (cursor.accept_any({"database", "schema"})) return read_database(cursor, StatementKind::alter_database, false);
  if (cursor.maria() && cursor.accept("sequence")) return read_sequence(cursor, SequenceStatement::Action::alter);
  if (at_harmless_object(cursor)) return read_simple(cursor, StatementKind::harmless);
  RELAY_TRY(skip_object_options(cursor));
  if (at_object_with_body(cursor)) return read_simple(cursor, StatementKind::harmless, true);
  return cursor.unread("ALTER of something that is not known");
}

Result<std::unique_ptr<Statement>> read_statement(std::string_view text, const SqlContext& context) {
  RELAY_ASSIGN(const TokenList tokens, lex(text, context));
  TokenCursor cursor(tokens, context);
  return read_one(cursor);
}

}  // namespace relay::sql
