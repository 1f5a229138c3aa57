#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

bool is_now_word(const TokenCursor& cursor) {
  return cursor.is("current_timestamp") || cursor.is("localtime") || cursor.is("localtimestamp") || cursor.is("now");
}

// [+-] number, string, TRUE, NULL, DATE'..' ...
Result<bool> read_literal(TokenCursor& cursor, TokenList& out) {
  if (cursor.is_symbol('-') || cursor.is_symbol('+')) {
    out.push_back(cursor.take());
    if (cursor.peek().kind != TokenKind::number) return cursor.unread("a sign without a number");
  }
  const TokenKind kind = cursor.peek().kind;
  const bool prefix =
      (cursor.is("date") || cursor.is("time") || cursor.is("timestamp")) && cursor.peek(1).kind == TokenKind::string;
  if (prefix) out.push_back(cursor.take());
  const bool literal = prefix || kind == TokenKind::number || kind == TokenKind::string ||
                       kind == TokenKind::hex_string || kind == TokenKind::bit_string ||
                       kind == TokenKind::hex_number || kind == TokenKind::bit_number || cursor.is("null") ||
                       cursor.is("true") || cursor.is("false");
  if (literal) out.push_back(cursor.take());
  return literal;
}

Result<void> append_parenthesized(TokenCursor& cursor, TokenList& out) {
  out.push_back(cursor.peek());
  RELAY_ASSIGN(TokenList inside, cursor.parenthesized());
  out.insert(out.end(), inside.begin(), inside.end());
  Token close = out.front();
  close.kind = TokenKind::symbol;
  close.text = ")";
  close.introducer.clear();
  close.glued = true;
  out.push_back(std::move(close));
  return {};
}

class ColumnReader {
 public:
  ColumnReader(TokenCursor& cursor, std::string name, TableParts& parts) : cursor_(cursor), parts_(parts) {
    column_.name = std::move(name);
  }

  Result<ColumnSpec> read() {
    bool is_serial = false;
    RELAY_ASSIGN(column_.type, read_type(cursor_, is_serial));
    if (is_serial) make_serial();
    while (!at_column_end()) RELAY_TRY(attribute());
    return std::move(column_);
  }

 private:
  [[nodiscard]] bool at_column_end() const {
    return cursor_.at_end() || cursor_.is_symbol(',') || cursor_.is_symbol(')') || cursor_.is_symbol(';') ||
           cursor_.is("first") || cursor_.is("after") || cursor_.is_sequence({"partition", "by"}) ||
           cursor_.is_sequence({"remove", "partitioning"});
  }

  void make_serial() {
    column_.nullable = false;
    column_.auto_increment = true;
    add_key(IndexKind::unique);
  }

  void add_key(IndexKind kind) {
    column_.has_key = true;
    column_.primary = column_.primary || kind == IndexKind::primary;
    IndexSpec index;
    index.kind = kind;
    index.parts.push_back({column_.name, std::nullopt, {}, false, false});
    parts_.indexes.push_back(std::move(index));
  }

  Result<void> attribute() {
    if (cursor_.accept({"not", "null"})) {
      column_.nullable = false;
      if (cursor_.maria() && cursor_.is("enable")) return cursor_.unread("column attribute is not known");
      return {};
    }
    if (cursor_.accept("null")) {
      column_.nullable = true;
      return {};
    }
    if (cursor_.accept("default")) return default_value();
    if (cursor_.accept({"on", "update"})) return on_update();
    if (cursor_.accept_any({"auto_increment"})) {
      column_.auto_increment = true;
      return {};
    }
    if (cursor_.is("unique") || cursor_.is("primary") || cursor_.is("key")) return key();
    if (cursor_.is("comment") || cursor_.is("engine_attribute") || cursor_.is("secondary_engine_attribute"))
      return ignored_string();
    if (cursor_.is("collate") || cursor_.is("charset") || cursor_.is_sequence({"character", "set"})) return collation();
    if (cursor_.is("generated") || cursor_.is("as")) return generated();
    if (cursor_.is("check") || cursor_.is("constraint")) return check();
    if (cursor_.is("references")) return references();
    return rare_attribute();
  }

  Result<void> rare_attribute() {
    if (cursor_.accept("visible")) {
      column_.visible = true;
      return {};
    }
    if (cursor_.accept("invisible")) {
      column_.visible = false;
      return {};
    }
    if (cursor_.accept({"with", "system", "versioning"})) {
      column_.versioned = true;
      return {};
    }
    if (cursor_.accept({"without", "system", "versioning"})) {
      column_.versioned = false;
      return {};
    }
    if (cursor_.accept("srid")) return reference_system();
    if (cursor_.maria() && cursor_.accept("ref_system_id")) {
      RELAY_TRY(cursor_.expect_symbol('='));
      return reference_system();
    }
    if (cursor_.accept("column_format")) {
      if (!cursor_.is("fixed") && !cursor_.is("dynamic") && !cursor_.is("default"))
        return cursor_.unread("column format is not known");
      column_.column_format = folded(cursor_.take().text);
      return {};
    }
    if (cursor_.accept("storage")) {  // of NDB only
      if (!cursor_.accept_any({"disk", "memory", "default"})) return cursor_.unread("column storage is not known");
      return {};
    }
    if (!cursor_.maria() && cursor_.accept({"not", "secondary"})) return {};
    return cursor_.unread("column attribute is not known");
  }

  Result<void> reference_system() {
    RELAY_ASSIGN(column_.srid, cursor_.unsigned_number());
    return {};
  }

  Result<void> default_value() {
    if (column_.type.base == "bigint" && cursor_.accept("value")) return cursor_.unread("DEFAULT without a value");
    RELAY_ASSIGN(DefaultValue value, read_default(cursor_));
    column_.default_value = std::move(value.tokens);
    column_.default_is_literal = value.literal;
    column_.default_parenthesized = value.parenthesized;
    return {};
  }

  Result<void> on_update() {
    if (!is_now_word(cursor_)) return cursor_.unread("ON UPDATE without a current time");
    RELAY_ASSIGN(DefaultValue value, read_default(cursor_));
    column_.on_update = std::move(value.tokens);
    return {};
  }

  Result<void> key() {
    if (cursor_.accept("unique")) {
      cursor_.accept("key");
      add_key(IndexKind::unique);
      return {};
    }
    cursor_.accept("primary");
    RELAY_TRY(cursor_.expect("key"));
    add_key(IndexKind::primary);
    return {};
  }

  // COMMENT and engine attributes hold free text, so they are read and forgotten.
  Result<void> ignored_string() {
    cursor_.take();
    cursor_.accept_symbol('=');
    RELAY_TRY(cursor_.string_value());
    return {};
  }

  Result<void> collation() {
    if (!cursor_.accept("collate")) {
      RELAY_ASSIGN(column_.type.character_set, read_character_set(cursor_));
      return {};
    }
    cursor_.accept_symbol('=');
    RELAY_ASSIGN(std::string name, cursor_.plain_name());
    column_.type.collation = canonical_collation(name);
    return {};
  }

  Result<void> generated() {
    if (cursor_.accept("generated")) {
      if (!cursor_.accept({"always", "as"})) return cursor_.unread("GENERATED without ALWAYS AS");
    } else {
      cursor_.take();
    }
    if (cursor_.maria() && cursor_.accept("row")) {
      if (!cursor_.is("start") && !cursor_.is("end")) return cursor_.unread("ROW without START or END");
      column_.row_period = folded(cursor_.take().text);
      column_.nullable = false;
      return {};
    }
    RELAY_ASSIGN(column_.generated, cursor_.parenthesized());
    if (column_.generated.empty()) return cursor_.unread("generated column without an expression");
    if (cursor_.accept("virtual")) {
      column_.generated_kind = "virtual";
    } else if (cursor_.accept_any({"stored", "persistent"})) {
      column_.generated_kind = "stored";
    }
    return {};
  }

  Result<void> check() {
    std::string name;
    if (cursor_.accept("constraint") && !cursor_.is("check")) {
      RELAY_ASSIGN(name, cursor_.identifier());
    }
    RELAY_TRY(cursor_.expect("check"));
    RELAY_ASSIGN(CheckSpec spec, read_check(cursor_, std::move(name)));
    // MariaDB's check of a column has no name and goes with its column; MySQL makes it one of the table.
    (cursor_.maria() ? column_.checks : parts_.checks).push_back(std::move(spec));
    return {};
  }

  // MySQL before 9.0 reads REFERENCES at a column and forgets it.
  Result<void> references() {
    ForeignKeySpec key;
    key.columns.push_back(column_.name);
    RELAY_ASSIGN(key, read_references(cursor_, std::move(key)));
    const std::uint32_t version = cursor_.context().server_version;
    const bool honoured = cursor_.maria() ? version >= 100500 : version >= 90000;
    if (honoured) add_foreign_key(parts_, std::move(key));
    return {};
  }

  TokenCursor& cursor_;
  TableParts& parts_;
  ColumnSpec column_;
};

}  // namespace

bool is_default_literal_start(const TokenCursor& cursor) {
  return !cursor.is_symbol('(') && !cursor.peek().is_identifier();
}

Result<DefaultValue> read_default(TokenCursor& cursor) {
  DefaultValue value;
  if (cursor.is_symbol('(')) {
    value.parenthesized = true;
    RELAY_ASSIGN(value.tokens, cursor.parenthesized());
    if (value.tokens.empty()) return cursor.unread("DEFAULT without a value");
    return value;
  }
  RELAY_ASSIGN(value.literal, read_literal(cursor, value.tokens));
  if (value.literal) return value;
  if (cursor.maria() && cursor.is_sequence({"next", "value", "for"})) {
    for (int i = 0; i < 3; ++i) value.tokens.push_back(cursor.take());
    do {
      if (!cursor.peek().is_identifier()) return cursor.unread("DEFAULT value is not known");
      value.tokens.push_back(cursor.take());
    } while (cursor.is_symbol('.') && (value.tokens.push_back(cursor.take()), true));
    return value;
  }
  const bool now = is_now_word(cursor);
  if (!now && !cursor.maria()) return cursor.unread("DEFAULT value is not known");
  if (!cursor.peek().is_identifier()) return cursor.unread("DEFAULT value is not known");
  value.tokens.push_back(cursor.take());
  if (cursor.is_symbol('(')) RELAY_TRY(append_parenthesized(cursor, value.tokens));
  return value;
}

Result<ColumnSpec> read_column(TokenCursor& cursor, std::string name, TableParts& parts) {
  return ColumnReader(cursor, std::move(name), parts).read();
}

}  // namespace relay::sql
