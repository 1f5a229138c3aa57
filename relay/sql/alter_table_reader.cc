#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

Result<void> read_place(TokenCursor& cursor, AlterClause& clause) {
  if (cursor.accept("first")) {
    clause.first = true;
  } else if (cursor.accept("after")) {
    RELAY_ASSIGN(clause.after, cursor.identifier());
  }
  return {};
}

// MODIFY and CHANGE.
Result<void> read_changed_column(TokenCursor& cursor, AlterTable& alter, ClauseKind kind) {
  cursor.accept("column");
  RELAY_ASSIGN(const bool conditional, cursor.if_exists());
  RELAY_ASSIGN(std::string name, cursor.identifier());
  std::string new_name = name;
  if (kind == ClauseKind::change_column) {
    RELAY_ASSIGN(new_name, cursor.identifier());
  }
  TableParts parts;
  RELAY_ASSIGN(ColumnSpec column, read_column(cursor, new_name, parts));
  AlterClause& clause = add_clause(alter, kind);
  clause.name = std::move(name);
  clause.new_name = std::move(new_name);
  clause.conditional = conditional;
  clause.column = std::move(column);
  RELAY_TRY(read_place(cursor, clause));
  append_parts(alter, std::move(parts));
  return {};
}

Result<void> read_set_default(TokenCursor& cursor, AlterTable& alter, std::string name, bool conditional) {
  AlterClause& clause = add_clause(alter, ClauseKind::set_default);
  clause.name = std::move(name);
  clause.conditional = conditional;
  RELAY_ASSIGN(DefaultValue value, read_default(cursor));
  clause.tokens = std::move(value.tokens);
  clause.tokens_are_literal = value.literal;
  clause.flag = value.parenthesized;
  return {};
}

Result<void> read_alter_column(TokenCursor& cursor, AlterTable& alter) {
  cursor.accept("column");
  RELAY_ASSIGN(const bool conditional, cursor.if_exists());
  RELAY_ASSIGN(std::string name, cursor.identifier());
  if (cursor.accept({"drop", "default"})) {
    AlterClause& clause = add_clause(alter, ClauseKind::drop_default);
    clause.name = std::move(name);
    clause.conditional = conditional;
    return {};
  }
  RELAY_TRY(cursor.expect("set"));
  if (cursor.is("visible") || cursor.is("invisible")) {
    AlterClause& clause = add_clause(alter, ClauseKind::set_column_visibility);
    clause.name = std::move(name);
    clause.flag = cursor.take().is_word("visible");
    return {};
  }
  RELAY_TRY(cursor.expect("default"));
  return read_set_default(cursor, alter, std::move(name), conditional);
}

// ALTER COLUMN, ALTER INDEX, ALTER CHECK.
Result<void> read_alter_part(TokenCursor& cursor, AlterTable& alter) {
  if (cursor.accept_any({"index", "key"})) {
    RELAY_ASSIGN(const bool conditional, cursor.if_exists());
    AlterClause& clause = add_clause(alter, ClauseKind::set_index_visibility);
    clause.conditional = conditional;
    RELAY_ASSIGN(clause.name, cursor.identifier());
    clause.flag = cursor.accept("visible") || cursor.accept({"not", "ignored"});
    if (!clause.flag && !cursor.accept_any({"invisible", "ignored"}))
      return cursor.unread("change of the index is not known");
    return {};
  }
  if (cursor.accept_any({"check", "constraint"})) {
    AlterClause& clause = add_clause(alter, ClauseKind::set_check_enforcement);
    RELAY_ASSIGN(clause.name, cursor.identifier());
    clause.flag = !cursor.accept("not");
    return cursor.expect("enforced");
  }
  return read_alter_column(cursor, alter);
}

Result<void> read_rename_part(TokenCursor& cursor, AlterTable& alter) {
  const bool column = cursor.accept("column");
  if (column || cursor.accept_any({"index", "key"})) {
    RELAY_ASSIGN(const bool conditional, cursor.if_exists());
    AlterClause& clause = add_clause(alter, column ? ClauseKind::rename_column : ClauseKind::rename_index);
    clause.conditional = conditional;
    RELAY_ASSIGN(clause.name, cursor.identifier());
    RELAY_TRY(cursor.expect("to"));
    RELAY_ASSIGN(clause.new_name, cursor.identifier());
    return {};
  }
  if (!cursor.accept_any({"to", "as"})) cursor.accept_symbol('=');
  AlterClause& clause = add_clause(alter, ClauseKind::rename_table);
  RELAY_ASSIGN(clause.table, cursor.table_name());
  return {};
}

Result<void> read_convert(TokenCursor& cursor, AlterTable& alter) {
  RELAY_TRY(cursor.expect("to"));
  AlterClause& clause = add_clause(alter, ClauseKind::convert_character_set);
  RELAY_ASSIGN(clause.options.character_set, read_character_set(cursor));
  if (cursor.accept("collate")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(std::string name, cursor.plain_name());
    clause.options.collation = canonical_collation(name);
  }
  if (clause.options.character_set.empty()) return cursor.unread("CONVERT TO the default character set");
  return {};
}

Result<void> read_order(TokenCursor& cursor, AlterTable& alter) {
  RELAY_TRY(cursor.expect("by"));
  AlterClause& clause = add_clause(alter, ClauseKind::order_by);
  do {
    RELAY_ASSIGN(std::string column, cursor.identifier());
    clause.partition_names.push_back(std::move(column));
    const bool descending = cursor.accept("desc");
    if (!descending) cursor.accept("asc");
    clause.partition_names.emplace_back(descending ? "desc" : "");
  } while (cursor.is_symbol(',') && cursor.peek(1).is_identifier() &&
           (cursor.peek(2).is_symbol(',') || cursor.peek(2).is_word("asc") || cursor.peek(2).is_word("desc") ||
            cursor.peek(2).kind == TokenKind::end) &&
           cursor.accept_symbol(','));
  return {};
}

// How the source went about it is of no concern to a replica.
Result<bool> read_hint(TokenCursor& cursor) {
  if (cursor.accept_any({"algorithm", "lock"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.plain_name());
    return true;
  }
  return cursor.accept({"with", "validation"}) || cursor.accept({"without", "validation"});
}

Result<void> read_options(TokenCursor& cursor, AlterTable& alter) {
  AlterClause& clause = add_clause(alter, ClauseKind::table_options);
  while (at_table_option(cursor)) RELAY_TRY(read_table_option(cursor, clause.options));
  return {};
}

Result<void> read_clause(TokenCursor& cursor, AlterTable& alter) {
  RELAY_ASSIGN(const bool hint, read_hint(cursor));
  if (hint) return {};
  if (cursor.accept("add")) return read_add(cursor, alter);
  if (cursor.accept("drop")) return read_drop_clause(cursor, alter);
  if (cursor.accept("modify")) return read_changed_column(cursor, alter, ClauseKind::modify_column);
  if (cursor.accept("change")) return read_changed_column(cursor, alter, ClauseKind::change_column);
  if (cursor.accept("alter")) return read_alter_part(cursor, alter);
  if (cursor.accept("rename")) return read_rename_part(cursor, alter);
  if (cursor.accept("convert")) return read_convert(cursor, alter);
  if (cursor.accept("order")) return read_order(cursor, alter);
  if (cursor.accept("force")) {
    add_clause(alter, ClauseKind::force);
    return {};
  }
  if (cursor.is_sequence({"enable", "keys"}) || cursor.is_sequence({"disable", "keys"})) {
    add_clause(alter, ClauseKind::keys).flag = cursor.take().is_word("enable");
    cursor.take();
    return {};
  }
  if (at_table_option(cursor)) return read_options(cursor, alter);
  return cursor.unread("ALTER TABLE clause is not known");
}

Result<void> read_wait(TokenCursor& cursor) {
  if (!cursor.maria()) return {};
  if (cursor.accept("nowait")) return {};
  if (cursor.accept("wait")) RELAY_TRY(cursor.unsigned_number());
  return {};
}

StatementResult read_rest(TokenCursor& cursor, std::unique_ptr<AlterTable> alter) {
  RELAY_TRY(read_wait(cursor));
  RELAY_TRY(read_alter_clauses(cursor, *alter));
  return finished(cursor, std::move(alter));
}

}  // namespace

void append_parts(AlterTable& alter, TableParts parts) {
  for (auto& column : parts.columns) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_column);
    clause.name = column.name;
    clause.conditional = column.if_exists;
    clause.column = std::move(column);
  }
  for (auto& index : parts.indexes) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_index);
    clause.conditional = index.if_not_exists;
    clause.index = std::move(index);
  }
  for (auto& key : parts.foreign_keys) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_foreign_key);
    clause.conditional = key.if_not_exists;
    refer_from(alter.name, key);
    clause.foreign_key = std::move(key);
  }
  for (auto& check : parts.checks) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_check);
    clause.conditional = check.if_not_exists;
    clause.check = std::move(check);
  }
  for (auto& period : parts.application_periods) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_application_period);
    clause.name = period.definition.name;
    clause.conditional = period.if_not_exists;
    clause.period = std::move(period);
  }
  if (parts.period) {
    AlterClause& clause = add_clause(alter, ClauseKind::add_period);
    clause.name = parts.period->first;
    clause.new_name = parts.period->second;
  }
}

Result<void> read_add(TokenCursor& cursor, AlterTable& alter) {
  TableParts parts;
  if (cursor.maria() && cursor.accept({"system", "versioning"})) {
    add_clause(alter, ClauseKind::add_system_versioning);
    return {};
  }
  if (at_table_element(cursor)) {
    RELAY_TRY(read_table_element(cursor, parts));
    append_parts(alter, std::move(parts));
    return {};
  }
  cursor.accept("column");
  RELAY_ASSIGN(const bool conditional, cursor.if_not_exists());
  if (cursor.accept_symbol('(')) {
    do {
      if (at_table_element(cursor)) {
        RELAY_TRY(read_table_element(cursor, parts));
        continue;
      }
      RELAY_ASSIGN(std::string name, cursor.identifier());
      RELAY_ASSIGN(ColumnSpec column, read_column(cursor, std::move(name), parts));
      column.if_exists = conditional;
      parts.columns.push_back(std::move(column));
    } while (cursor.accept_symbol(','));
    RELAY_TRY(cursor.expect_symbol(')'));
    append_parts(alter, std::move(parts));
    return {};
  }
  RELAY_ASSIGN(std::string name, cursor.identifier());
  RELAY_ASSIGN(ColumnSpec column, read_column(cursor, std::move(name), parts));
  column.if_exists = conditional;
  AlterClause place;
  RELAY_TRY(read_place(cursor, place));
  const std::size_t at = alter.clauses.size();
  parts.columns.push_back(std::move(column));
  append_parts(alter, std::move(parts));
  alter.clauses[at].first = place.first;
  alter.clauses[at].after = place.after;
  return {};
}

Result<void> read_drop_clause(TokenCursor& cursor, AlterTable& alter) {
  if (cursor.accept({"primary", "key"})) {
    add_clause(alter, ClauseKind::drop_primary_key).name = "PRIMARY";
    return {};
  }
  if (cursor.maria() && cursor.accept({"system", "versioning"})) {
    add_clause(alter, ClauseKind::drop_system_versioning);
    return {};
  }
  if (cursor.maria() && (cursor.is_sequence({"period", "for"}) || cursor.is_sequence({"period", "if", "exists"}))) {
    cursor.take();
    RELAY_ASSIGN(const bool conditional, cursor.if_exists());
    RELAY_TRY(cursor.expect("for"));
    const bool system = cursor.accept_any({"system_time", "system"});
    AlterClause& clause = add_clause(alter, system ? ClauseKind::drop_period : ClauseKind::drop_application_period);
    clause.conditional = conditional;
    if (!system) {
      RELAY_ASSIGN(clause.name, cursor.identifier());
    }
    return {};
  }
  ClauseKind kind = ClauseKind::drop_column;
  if (cursor.accept_any({"index", "key"})) {
    kind = ClauseKind::drop_index;
  } else if (cursor.accept({"foreign", "key"})) {
    kind = ClauseKind::drop_foreign_key;
  } else if (cursor.accept("constraint")) {
    kind = ClauseKind::drop_constraint;
  } else if (cursor.accept("check")) {
    kind = ClauseKind::drop_check;
  } else {
    cursor.accept("column");
  }
  RELAY_ASSIGN(const bool conditional, cursor.if_exists());
  AlterClause& clause = add_clause(alter, kind);
  clause.conditional = conditional;
  RELAY_ASSIGN(clause.name, cursor.identifier());
  cursor.accept_any({"restrict", "cascade"});
  return {};
}

Result<void> read_alter_clauses(TokenCursor& cursor, AlterTable& alter) {
  do {
    if (cursor.at_end()) break;  // "ALTER TABLE t" alone
    RELAY_ASSIGN(const bool partition, read_partition_clause(cursor, alter));
    if (!partition && cursor.is_sequence({"partition", "by"})) return cursor.unread("ALTER TABLE clause is not known");
    if (!partition) RELAY_TRY(read_clause(cursor, alter));
    // PARTITION BY and REMOVE PARTITIONING stand after the other clauses without a comma.
    RELAY_ASSIGN(const bool last, read_partition_clause(cursor, alter));
    if (last) break;
  } while (cursor.accept_symbol(','));
  return {};
}

StatementResult read_alter_table(TokenCursor& cursor, bool ignore) {
  auto alter = std::make_unique<AlterTable>();
  alter->context = cursor.context();
  alter->ignore = ignore;
  RELAY_ASSIGN(alter->if_exists, cursor.if_exists());
  RELAY_ASSIGN(alter->name, cursor.table_name());
  const TableName name = alter->name;
  StatementResult statement = read_rest(cursor, std::move(alter));
  // What may give another table this one's rows or name cannot be left out unread.
  const bool others = cursor.mentions({"rename", "exchange", "convert"});
  if (statement || others) return statement;
  return std::make_unique<UnreadTableStatement>(StatementKind::alter_table, name, std::move(statement).error());
}

}  // namespace relay::sql
