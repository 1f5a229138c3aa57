#include <charconv>
#include <limits>

#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

Result<IndexPartSpec> read_part(TokenCursor& cursor) {
  IndexPartSpec part;
  if (cursor.is_symbol('(')) {
    RELAY_ASSIGN(part.expression, cursor.parenthesized());
    if (part.expression.empty()) return cursor.unread("index part without an expression");
  } else {
    RELAY_ASSIGN(part.column, cursor.identifier());
    if (cursor.accept_symbol('(')) {
      RELAY_ASSIGN(const std::uint64_t length, cursor.unsigned_number());
      if (length == 0 || length > std::numeric_limits<std::uint32_t>::max())
        return cursor.unread("index prefix is out of range");
      part.prefix = static_cast<std::uint32_t>(length);
      RELAY_TRY(cursor.expect_symbol(')'));
    }
  }
  part.descending = cursor.accept("desc");
  if (!part.descending) cursor.accept("asc");
  return part;
}

Result<bool> read_algorithm(TokenCursor& cursor, IndexSpec& index) {
  if (!cursor.accept_any({"using", "type"})) return false;
  if (!cursor.is("btree") && !cursor.is("hash") && !cursor.is("rtree"))
    return cursor.unread("index algorithm is not known");
  index.algorithm = folded(cursor.take().text);
  return true;
}

// m=8 distance=cosine; SHOW CREATE TABLE quotes both sides: `m`='8'.
Result<bool> read_vector_option(TokenCursor& cursor, IndexSpec& index) {
  const Token& word = cursor.peek();
  if (index.kind != IndexKind::vector || !word.is_identifier()) return false;
  const bool distance = equal_keywords(word.text, "distance");
  if (!distance && !equal_keywords(word.text, "m")) return false;
  cursor.take();
  cursor.accept_symbol('=');
  if (distance) {
    RELAY_ASSIGN(index.vector_distance, cursor.plain_name());
    return true;
  }
  if (cursor.peek().kind == TokenKind::string) {
    RELAY_ASSIGN(const std::string value, cursor.plain_name());
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failed != std::errc() || end != value.data() + value.size())
      return cursor.unread("vector option is not a number");
    index.vector_m = number;
    return true;
  }
  RELAY_ASSIGN(index.vector_m, cursor.unsigned_number());
  return true;
}

Result<bool> read_option(TokenCursor& cursor, IndexSpec& index) {
  RELAY_ASSIGN(const bool algorithm, read_algorithm(cursor, index));
  if (algorithm) return true;
  if (cursor.accept("key_block_size")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(index.key_block_size, cursor.unsigned_number());
    return true;
  }
  if (cursor.accept({"with", "parser"})) {
    RELAY_ASSIGN(index.parser, cursor.plain_name());
    return true;
  }
  if (cursor.accept_any({"comment", "engine_attribute", "secondary_engine_attribute"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.string_value());
    return true;
  }
  if (cursor.accept({"not", "ignored"}) || cursor.accept("visible")) {
    index.visible = true;
    return true;
  }
  if (cursor.accept("ignored") || cursor.accept("invisible")) {
    index.visible = false;
    return true;
  }
  return read_vector_option(cursor, index);
}

// [name] [USING ...] of an index in a table; then its body.
Result<void> read_table_index(TokenCursor& cursor, TableParts& parts, IndexKind kind, std::string constraint) {
  IndexSpec index;
  index.kind = kind;
  index.name = std::move(constraint);
  RELAY_ASSIGN(index.if_not_exists, cursor.if_not_exists());
  const bool algorithm_next = (cursor.is("using") || cursor.is("type")) && !cursor.peek(1).is_symbol('(');
  if (cursor.peek().is_identifier() && !algorithm_next) {
    RELAY_ASSIGN(std::string name, cursor.identifier());
    index.name = std::move(name);
  }
  if (kind == IndexKind::primary) index.name = "PRIMARY";
  RELAY_TRY(read_index_body(cursor, index));
  parts.indexes.push_back(std::move(index));
  return {};
}

Result<void> read_foreign_key(TokenCursor& cursor, TableParts& parts, std::string constraint) {
  ForeignKeySpec key;
  key.name = std::move(constraint);
  RELAY_ASSIGN(key.if_not_exists, cursor.if_not_exists());
  if (cursor.peek().is_identifier()) {
    RELAY_ASSIGN(key.index_name, cursor.identifier());
  }
  RELAY_ASSIGN(key.columns, cursor.name_list());
  RELAY_ASSIGN(key, read_references(cursor, std::move(key)));
  add_foreign_key(parts, std::move(key));
  return {};
}

Result<std::string> read_action(TokenCursor& cursor) {
  if (cursor.accept("cascade")) return std::string("cascade");
  if (cursor.accept("restrict")) return std::string("restrict");
  if (cursor.accept({"no", "action"})) return std::string("no action");
  if (cursor.accept({"set", "null"})) return std::string("set null");
  if (cursor.accept({"set", "default"})) return std::string("set default");
  return cursor.unread("foreign key action is not known");
}

Result<void> read_constraint(TokenCursor& cursor, TableParts& parts) {
  std::string name;
  bool conditional = false;
  if (cursor.accept("constraint")) {
    RELAY_ASSIGN(conditional, cursor.if_not_exists());
    const bool unnamed = cursor.is("primary") || cursor.is("unique") || cursor.is("foreign") || cursor.is("check");
    if (!unnamed) {
      RELAY_ASSIGN(name, cursor.identifier());
    }
  }
  if (cursor.accept("check")) {
    RELAY_ASSIGN(CheckSpec check, read_check(cursor, std::move(name)));
    check.if_not_exists = conditional;
    parts.checks.push_back(std::move(check));
    return {};
  }
  if (conditional) return cursor.unread("IF NOT EXISTS of this constraint");
  if (cursor.accept({"primary", "key"})) return read_table_index(cursor, parts, IndexKind::primary, "");
  if (cursor.accept({"foreign", "key"})) return read_foreign_key(cursor, parts, std::move(name));
  if (cursor.accept("unique")) {
    cursor.accept_any({"key", "index"});
    return read_table_index(cursor, parts, IndexKind::unique, std::move(name));
  }
  return cursor.unread("constraint is not known");
}

Result<void> read_period(TokenCursor& cursor, TableParts& parts) {
  PeriodSpec period;
  RELAY_ASSIGN(period.if_not_exists, cursor.if_not_exists());
  RELAY_TRY(cursor.expect("for"));
  const bool system = cursor.accept_any({"system_time", "system"});
  if (!system) {
    RELAY_ASSIGN(period.definition.name, cursor.identifier());
  }
  RELAY_ASSIGN(std::vector<std::string> columns, cursor.name_list());
  if (columns.size() != kPeriodColumns) return cursor.unread("period without two columns");
  if (system) {
    parts.period = {columns[0], columns[1]};
    return {};
  }
  period.definition.start = columns[0];
  period.definition.end = columns[1];
  parts.application_periods.push_back(std::move(period));
  return {};
}

bool at_vector_index(const TokenCursor& cursor) {
  return cursor.is_sequence({"vector", "index"}) || cursor.is_sequence({"vector", "key"});
}

}  // namespace

void add_foreign_key(TableParts& parts, ForeignKeySpec key) {
  IndexSpec index;
  index.name = key.name.empty() ? key.index_name : key.name;
  index.generated_by_foreign_key = true;
  index.if_not_exists = key.if_not_exists;
  for (const auto& column : key.columns) index.parts.push_back({column, std::nullopt, {}, false, false});
  parts.indexes.push_back(std::move(index));
  parts.foreign_keys.push_back(std::move(key));
}

void refer_from(const TableName& table, ForeignKeySpec& key) {
  if (key.referenced.database.empty()) key.referenced.database = table.database;
}

Result<CheckSpec> read_check(TokenCursor& cursor, std::string name) {
  CheckSpec check;
  check.name = std::move(name);
  RELAY_ASSIGN(check.expression, cursor.parenthesized());
  if (check.expression.empty()) return cursor.unread("CHECK without an expression");
  if (cursor.accept({"not", "enforced"})) {
    check.enforced = false;
  } else if (cursor.accept("enforced")) {
    check.enforced = true;
  }
  return check;
}

Result<ForeignKeySpec> read_references(TokenCursor& cursor, ForeignKeySpec key) {
  RELAY_TRY(cursor.expect("references"));
  RELAY_ASSIGN(key.referenced, cursor.related_table_name());
  if (cursor.is_symbol('(')) {
    RELAY_ASSIGN(key.referenced_columns, cursor.name_list());
  }
  if (cursor.accept("match")) {
    if (!cursor.is("full") && !cursor.is("partial") && !cursor.is("simple")) return cursor.unread("MATCH is not known");
    key.match = folded(cursor.take().text);
  }
  while (cursor.is_sequence({"on", "delete"}) || cursor.is_sequence({"on", "update"})) {
    cursor.take();
    const bool deletes = cursor.take().is_word("delete");
    RELAY_ASSIGN(std::string action, read_action(cursor));
    (deletes ? key.on_delete : key.on_update) = std::move(action);
  }
  return key;
}

Result<void> read_index_body(TokenCursor& cursor, IndexSpec& index) {
  RELAY_TRY(read_algorithm(cursor, index));
  RELAY_TRY(cursor.expect_symbol('('));
  do {
    RELAY_ASSIGN(IndexPartSpec part, read_part(cursor));
    part.without_overlaps = cursor.maria() && cursor.accept({"without", "overlaps"});
    index.parts.push_back(std::move(part));
  } while (cursor.accept_symbol(','));
  RELAY_TRY(cursor.expect_symbol(')'));
  while (true) {
    RELAY_ASSIGN(const bool more, read_option(cursor, index));
    if (!more) return {};
  }
}

bool at_table_element(const TokenCursor& cursor) {
  return cursor.is("constraint") || cursor.is("primary") || cursor.is("unique") || cursor.is("foreign") ||
         cursor.is("check") || cursor.is("key") || cursor.is("index") || cursor.is("fulltext") ||
         cursor.is("spatial") || at_vector_index(cursor) ||
         (cursor.maria() && (cursor.is_sequence({"period", "for"}) || cursor.is_sequence({"period", "if", "not"})));
}

Result<void> read_table_element(TokenCursor& cursor, TableParts& parts) {
  if (cursor.accept_any({"key", "index"})) return read_table_index(cursor, parts, IndexKind::plain, "");
  if (cursor.is("fulltext") || cursor.is("spatial") || at_vector_index(cursor)) {
    const Token& word = cursor.take();
    const IndexKind kind = word.is_word("fulltext")  ? IndexKind::fulltext
                           : word.is_word("spatial") ? IndexKind::spatial
                                                     : IndexKind::vector;
    cursor.accept_any({"key", "index"});
    return read_table_index(cursor, parts, kind, "");
  }
  if (cursor.accept("period")) return read_period(cursor, parts);
  return read_constraint(cursor, parts);
}

}  // namespace relay::sql
