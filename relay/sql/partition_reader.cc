#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

class PartitionReader {
 public:
  explicit PartitionReader(TokenCursor& cursor) : cursor_(cursor) {}

  Result<PartitionSpec> read() {
    RELAY_TRY(method());
    RELAY_TRY(count("partitions"));
    if (cursor_.is_sequence({"subpartition", "by"})) {
      keep();
      keep();
      RELAY_TRY(hash_or_key());
      RELAY_TRY(count("subpartitions"));
    }
    if (cursor_.is_symbol('(')) {
      RELAY_ASSIGN(spec_.partitions, read_partition_list(cursor_));
    }
    return std::move(spec_);
  }

 private:
  void keep() {
    spec_.head.push_back(cursor_.take());
    spec_.head.back().glued = false;
  }

  bool keep_if(std::string_view word) {
    if (!cursor_.is(word)) return false;
    keep();
    return true;
  }

  // "(...)" of columns or an expression.
  Result<bool> keep_parentheses() {
    Token open = cursor_.peek();
    RELAY_ASSIGN(TokenList inside, cursor_.parenthesized());
    open.glued = false;
    Token close = open;
    close.text = ")";
    close.glued = true;
    spec_.head.push_back(std::move(open));
    spec_.head.insert(spec_.head.end(), inside.begin(), inside.end());
    spec_.head.push_back(std::move(close));
    spec_.columns.insert(spec_.columns.end(), inside.begin(), inside.end());
    return !inside.empty();
  }

  Result<void> method() {
    if (cursor_.is("range") || cursor_.is("list")) {
      keep();
      keep_if("columns");
      RELAY_ASSIGN(const bool filled, keep_parentheses());
      if (!filled) return cursor_.unread("partitioning without columns");
      return {};
    }
    if (cursor_.maria() && cursor_.is("system_time")) return system_time();
    return hash_or_key();
  }

  Result<void> hash_or_key() {
    keep_if("linear");
    if (keep_if("hash")) {
      RELAY_ASSIGN(const bool filled, keep_parentheses());
      if (!filled) return cursor_.unread("partitioning without columns");
      return {};
    }
    if (!keep_if("key")) return cursor_.unread("partitioning is not known");
    if (keep_if("algorithm")) {
      if (!cursor_.is_symbol('=')) return cursor_.unread("partitioning is not known");
      keep();
      if (cursor_.peek().kind != TokenKind::number) return cursor_.unread("partitioning is not known");
      keep();
    }
    RELAY_ASSIGN(const bool filled, keep_parentheses());
    if (!filled) spec_.by_primary_key = true;
    return {};
  }

  Result<void> count(std::string_view word) {
    if (!keep_if(word)) return {};
    if (cursor_.peek().kind != TokenKind::number) return cursor_.unread("number of partitions is missing");
    keep();
    return {};
  }

  // SYSTEM_TIME [INTERVAL n unit [STARTS time]] [LIMIT n] [AUTO]
  Result<void> system_time() {
    spec_.system_time = true;
    keep();
    if (keep_if("interval")) {
      if (cursor_.peek().kind != TokenKind::number && cursor_.peek().kind != TokenKind::string)
        return cursor_.unread("interval is not known");
      keep();
      if (cursor_.peek().kind != TokenKind::word) return cursor_.unread("interval is not known");
      keep();
      if (keep_if("starts")) {
        keep_if("timestamp");
        if (cursor_.peek().kind != TokenKind::string) return cursor_.unread("start of the interval is not known");
        keep();
      }
    } else if (keep_if("limit")) {
      if (cursor_.peek().kind != TokenKind::number) return cursor_.unread("limit is not known");
      keep();
    }
    keep_if("auto");
    return {};
  }

  TokenCursor& cursor_;
  PartitionSpec spec_;
};

Result<void> read_values(TokenCursor& cursor, PartitionDefinition& definition) {
  auto keep = [&] {
    definition.values.push_back(cursor.take());
    definition.values.back().glued = false;
  };
  if (cursor.is("default") || cursor.is("history") || cursor.is("current")) {
    keep();
    return {};
  }
  if (!cursor.is("values")) return {};
  keep();
  if (cursor.is_sequence({"less", "than"})) {
    keep();
    keep();
    if (cursor.is("maxvalue")) {
      keep();
      return {};
    }
  } else if (cursor.is("in")) {
    keep();
  } else {
    return cursor.unread("partition values are not known");
  }
  Token open = cursor.peek();
  RELAY_ASSIGN(TokenList inside, cursor.parenthesized());
  open.glued = false;
  definition.values.push_back(open);
  definition.values.insert(definition.values.end(), inside.begin(), inside.end());
  open.text = ")";
  open.glued = true;
  definition.values.push_back(std::move(open));
  return {};
}

Result<bool> read_option(TokenCursor& cursor, PartitionDefinition& definition) {
  const bool storage = cursor.is_sequence({"storage", "engine"});
  if (storage) cursor.take();
  if (cursor.accept("engine")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(definition.engine, cursor.plain_name());
    return true;
  }
  if (cursor.accept("comment") || cursor.accept({"data", "directory"}) || cursor.accept({"index", "directory"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.string_value());
    return true;
  }
  if (cursor.accept_any({"max_rows", "min_rows", "nodegroup"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.unsigned_number());
    return true;
  }
  if (cursor.accept("tablespace")) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.plain_name());
    return true;
  }
  return false;
}

Result<PartitionDefinition> read_definition(TokenCursor& cursor, bool sub);

Result<std::vector<PartitionDefinition>> read_list(TokenCursor& cursor, bool sub) {
  std::vector<PartitionDefinition> list;
  RELAY_TRY(cursor.expect_symbol('('));
  do {
    RELAY_ASSIGN(PartitionDefinition definition, read_definition(cursor, sub));
    list.push_back(std::move(definition));
  } while (cursor.accept_symbol(','));
  RELAY_TRY(cursor.expect_symbol(')'));
  return list;
}

// Two levels only: a subpartition has no list of its own.
Result<PartitionDefinition> read_definition(TokenCursor& cursor, bool sub) {
  PartitionDefinition definition;
  RELAY_TRY(cursor.expect(sub ? "subpartition" : "partition"));
  RELAY_ASSIGN(definition.name, cursor.identifier());
  if (!sub) RELAY_TRY(read_values(cursor, definition));
  while (true) {
    RELAY_ASSIGN(const bool more, read_option(cursor, definition));
    if (!more) break;
  }
  if (!sub && cursor.is_symbol('(')) {
    RELAY_ASSIGN(definition.subpartitions, read_list(cursor, true));
  }
  return definition;
}

}  // namespace

Result<PartitionSpec> read_partitioning(TokenCursor& cursor) { return PartitionReader(cursor).read(); }

Result<PartitionDefinition> read_partition(TokenCursor& cursor) { return read_definition(cursor, false); }

Result<std::vector<PartitionDefinition>> read_partition_list(TokenCursor& cursor) { return read_list(cursor, false); }

}  // namespace relay::sql
