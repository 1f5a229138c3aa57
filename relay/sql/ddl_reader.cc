#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"

// DROP, RENAME, TRUNCATE, databases and indexes.
namespace relay::sql {
namespace {

using base::Result;

Result<void> read_tables(TokenCursor& cursor, std::vector<TableName>& names) {
  do {
    RELAY_ASSIGN(TableName name, cursor.table_name());
    names.push_back(std::move(name));
  } while (cursor.accept_symbol(','));
  return {};
}

Result<void> skip_wait(TokenCursor& cursor) {
  if (cursor.accept("nowait")) return {};
  if (cursor.accept("wait")) RELAY_TRY(cursor.unsigned_number());
  return {};
}

StatementResult read_drop_table(TokenCursor& cursor) {
  auto drop = std::make_unique<DropTables>();
  RELAY_ASSIGN(drop->if_exists, cursor.if_exists());
  RELAY_TRY(read_tables(cursor, drop->names));
  RELAY_TRY(skip_wait(cursor));
  cursor.accept_any({"restrict", "cascade"});
  return finished(cursor, std::move(drop));
}

StatementResult read_drop_sequence(TokenCursor& cursor) {
  auto drop = std::make_unique<SequenceStatement>();
  drop->action = SequenceStatement::Action::drop;
  RELAY_TRY(cursor.if_exists());
  RELAY_TRY(read_tables(cursor, drop->names));
  return finished(cursor, std::move(drop));
}

StatementResult read_drop_index(TokenCursor& cursor) {
  auto alter = std::make_unique<AlterTable>();
  alter->kind_ = StatementKind::drop_index;
  alter->context = cursor.context();
  AlterClause& clause = alter->clauses.emplace_back();
  clause.kind = ClauseKind::drop_index;
  RELAY_ASSIGN(clause.conditional, cursor.if_exists());
  RELAY_ASSIGN(clause.name, cursor.identifier());
  if (equal_names(clause.name, "PRIMARY")) clause.kind = ClauseKind::drop_primary_key;
  RELAY_TRY(cursor.expect("on"));
  RELAY_ASSIGN(alter->name, cursor.table_name());
  RELAY_TRY(skip_wait(cursor));
  while (cursor.accept_any({"algorithm", "lock"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.plain_name());
  }
  return finished(cursor, std::move(alter));
}

bool at_harmless_drop(const TokenCursor& cursor) {
  for (const auto* word :
       {"user", "role", "view", "procedure", "function", "event", "server", "package", "tablespace", "library"}) {
    if (cursor.is(word)) return true;
  }
  return cursor.is_sequence({"spatial", "reference", "system"}) || cursor.is_sequence({"resource", "group"}) ||
         cursor.is_sequence({"undo", "tablespace"}) || cursor.is_sequence({"logfile", "group"});
}

Result<void> read_database_option(TokenCursor& cursor, DatabaseStatement& statement) {
  cursor.accept("default");
  if (cursor.accept("collate")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(std::string name, cursor.plain_name());
    statement.collation = canonical_collation(name);
    return {};
  }
  if (cursor.is("charset") || cursor.is("character") || cursor.is("char")) {
    RELAY_ASSIGN(statement.character_set, read_character_set(cursor));
    return {};
  }
  if (cursor.accept_any({"encryption", "comment"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.string_value());
    return {};
  }
  if (cursor.accept({"read", "only"})) {
    cursor.accept_symbol('=');
    cursor.take();
    return {};
  }
  return cursor.unread("database option is not known");
}

}  // namespace

StatementResult read_drop(TokenCursor& cursor) {
  if (cursor.accept("temporary")) {
    if (!cursor.is("table") && !cursor.is("tables") && !cursor.is("sequence"))
      return cursor.unread("DROP TEMPORARY of this");
    return read_simple(cursor, StatementKind::harmless);
  }
  if (cursor.accept_any({"table", "tables"})) return read_drop_table(cursor);
  if (cursor.accept_any({"database", "schema"})) return read_database(cursor, StatementKind::drop_database, false);
  if (cursor.accept("index")) return read_drop_index(cursor);
  if (cursor.maria() && cursor.accept("sequence")) return read_drop_sequence(cursor);
  if (cursor.accept("trigger")) return read_drop_trigger(cursor);
  if (at_harmless_drop(cursor)) return read_simple(cursor, StatementKind::harmless);
  return cursor.unread("DROP of something that is not known");
}

StatementResult read_rename(TokenCursor& cursor) {
  if (cursor.is("user")) return read_simple(cursor, StatementKind::harmless);
  if (!cursor.accept_any({"table", "tables"})) return cursor.unread("RENAME of something that is not known");
  auto rename = std::make_unique<RenameTables>();
  RELAY_ASSIGN(rename->if_exists, cursor.if_exists());
  do {
    std::pair<TableName, TableName> pair;
    RELAY_ASSIGN(pair.first, cursor.table_name());
    RELAY_TRY(skip_wait(cursor));
    RELAY_TRY(cursor.expect("to"));
    RELAY_ASSIGN(pair.second, cursor.table_name());
    rename->renames.push_back(std::move(pair));
  } while (cursor.accept_symbol(','));
  return finished(cursor, std::move(rename));
}

StatementResult read_truncate(TokenCursor& cursor) {
  cursor.accept("table");
  auto truncate = std::make_unique<TruncateTable>();
  RELAY_ASSIGN(truncate->name, cursor.table_name());
  RELAY_TRY(skip_wait(cursor));
  cursor.accept_any({"drop", "reuse"});
  cursor.accept("storage");
  return finished(cursor, std::move(truncate));
}

StatementResult read_database(TokenCursor& cursor, StatementKind kind, bool or_replace) {
  auto statement = std::make_unique<DatabaseStatement>(kind);
  statement->or_replace = or_replace;
  if (kind == StatementKind::create_database) {
    RELAY_ASSIGN(statement->conditional, cursor.if_not_exists());
  } else if (kind == StatementKind::drop_database) {
    RELAY_ASSIGN(statement->conditional, cursor.if_exists());
  }
  const bool unnamed =
      kind == StatementKind::alter_database && (cursor.is("default") || cursor.is("charset") || cursor.is("collate") ||
                                                cursor.is_sequence({"character", "set"}));
  if (unnamed) {
    statement->name = cursor.context().default_database;
  } else {
    RELAY_ASSIGN(statement->name, cursor.identifier());
  }
  if (cursor.context().lower_case_table_names) statement->name = folded(statement->name);
  if (statement->name.empty()) return cursor.unread("no database is named");
  while (kind != StatementKind::drop_database && !cursor.at_end() && !cursor.is_symbol(';')) {
    RELAY_TRY(read_database_option(cursor, *statement));
  }
  return finished(cursor, std::move(statement));
}

StatementResult read_create_index(TokenCursor& cursor, bool or_replace) {
  auto alter = std::make_unique<AlterTable>();
  alter->kind_ = StatementKind::create_index;
  alter->context = cursor.context();
  IndexSpec index;
  if (cursor.accept("unique")) index.kind = IndexKind::unique;
  if (cursor.accept("fulltext")) index.kind = IndexKind::fulltext;
  if (cursor.accept("spatial")) index.kind = IndexKind::spatial;
  if (cursor.accept("vector")) index.kind = IndexKind::vector;
  RELAY_TRY(cursor.expect("index"));
  RELAY_ASSIGN(index.if_not_exists, cursor.if_not_exists());
  RELAY_ASSIGN(index.name, cursor.identifier());
  if (cursor.accept_any({"using", "type"})) {
    if (!cursor.is("btree") && !cursor.is("hash") && !cursor.is("rtree"))
      return cursor.unread("index algorithm is not known");
    index.algorithm = folded(cursor.take().text);
  }
  RELAY_TRY(cursor.expect("on"));
  RELAY_ASSIGN(alter->name, cursor.table_name());
  RELAY_TRY(skip_wait(cursor));
  RELAY_TRY(read_index_body(cursor, index));
  while (cursor.accept_any({"algorithm", "lock"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.plain_name());
  }
  if (or_replace) {
    AlterClause& drop = alter->clauses.emplace_back();
    drop.kind = ClauseKind::drop_index;
    drop.conditional = true;
    drop.name = index.name;
  }
  AlterClause& clause = alter->clauses.emplace_back();
  clause.kind = ClauseKind::add_index;
  clause.conditional = index.if_not_exists;
  clause.index = std::move(index);
  return finished(cursor, std::move(alter));
}

std::vector<TableName> AlterTable::tables() const {
  std::vector<TableName> names = {name};
  for (const auto& clause : clauses) {
    if (!clause.table.table.empty()) names.push_back(clause.table);
  }
  return names;
}

std::vector<TableName> RenameTables::tables() const {
  std::vector<TableName> names;
  for (const auto& [from, to] : renames) {
    names.push_back(from);
    names.push_back(to);
  }
  return names;
}

}  // namespace relay::sql
