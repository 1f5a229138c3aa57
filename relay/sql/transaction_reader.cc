#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

// [AND [NO] CHAIN] [[NO] RELEASE]
void skip_completion(TokenCursor& cursor) {
  cursor.accept("work");
  if (!cursor.accept({"and", "no", "chain"})) cursor.accept({"and", "chain"});
  if (!cursor.accept({"no", "release"})) cursor.accept("release");
}

StatementResult simple(TokenCursor& cursor, StatementKind kind) {
  return finished(cursor, std::make_unique<SimpleStatement>(kind));
}

Result<void> read_xid_part(TokenCursor& cursor) {
  const TokenKind kind = cursor.peek().kind;
  if (kind != TokenKind::string && kind != TokenKind::hex_string && kind != TokenKind::hex_number)
    return cursor.unread("XA identifier is not known");
  cursor.take();
  return {};
}

// gtrid [, bqual [, formatID]]
Result<void> read_xid(TokenCursor& cursor) {
  RELAY_TRY(read_xid_part(cursor));
  if (!cursor.accept_symbol(',')) return {};
  RELAY_TRY(read_xid_part(cursor));
  if (!cursor.accept_symbol(',')) return {};
  RELAY_TRY(cursor.unsigned_number());
  return {};
}

StatementResult read_xa(TokenCursor& cursor) {
  StatementKind kind = StatementKind::xa_start;
  if (cursor.accept("end")) {
    kind = StatementKind::xa_end;
  } else if (cursor.accept("prepare")) {
    kind = StatementKind::xa_prepare;
  } else if (cursor.accept("commit")) {
    kind = StatementKind::xa_commit;
  } else if (cursor.accept("rollback")) {
    kind = StatementKind::xa_rollback;
  } else if (!cursor.accept_any({"start", "begin"})) {
    return cursor.unread("XA statement is not known");
  }
  RELAY_TRY(read_xid(cursor));
  if (kind == StatementKind::xa_commit) cursor.accept({"one", "phase"});
  return simple(cursor, kind);
}

StatementResult read_savepoint(TokenCursor& cursor, StatementKind kind) {
  RELAY_TRY(cursor.identifier());
  return simple(cursor, kind);
}

}  // namespace

StatementResult read_transaction(TokenCursor& cursor) {
  if (cursor.accept("begin")) {
    cursor.accept("work");
    return simple(cursor, StatementKind::begin);
  }
  if (cursor.accept({"start", "transaction"})) {
    cursor.accept({"with", "consistent", "snapshot"});
    if (!cursor.accept({"read", "only"})) cursor.accept({"read", "write"});
    return simple(cursor, StatementKind::begin);
  }
  if (cursor.accept("commit")) {
    skip_completion(cursor);
    return simple(cursor, StatementKind::commit);
  }
  if (cursor.accept("savepoint")) return read_savepoint(cursor, StatementKind::savepoint);
  if (cursor.accept({"release", "savepoint"})) return read_savepoint(cursor, StatementKind::release_savepoint);
  if (cursor.accept("xa")) return read_xa(cursor);
  if (!cursor.accept("rollback")) return cursor.unread("transaction statement is not known");
  cursor.accept("work");
  if (cursor.accept("to")) {
    cursor.accept("savepoint");
    return read_savepoint(cursor, StatementKind::rollback_to_savepoint);
  }
  skip_completion(cursor);
  return simple(cursor, StatementKind::rollback);
}

}  // namespace relay::sql
