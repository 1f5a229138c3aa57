#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

// name {BEFORE | AFTER} event ON table FOR EACH ROW: a form that is not known leaves the table empty.
Result<void> read_head(TokenCursor& cursor, TriggerStatement& trigger) {
  RELAY_TRY(cursor.if_not_exists());
  RELAY_ASSIGN(trigger.name, cursor.table_name());
  if (!cursor.accept_any({"before", "after"})) return cursor.unread("trigger without a time");
  while (!cursor.at_end() && !cursor.is("on")) cursor.take();  // MariaDB: several events, and the columns of UPDATE
  RELAY_TRY(cursor.expect("on"));
  RELAY_ASSIGN(TableName table, cursor.table_name());
  if (!cursor.accept({"for", "each", "row"})) return cursor.unread("trigger that is not for each row");
  trigger.table = std::move(table);
  return {};
}

}  // namespace

StatementResult read_trigger(TokenCursor& cursor) {
  auto trigger = std::make_unique<TriggerStatement>();
  trigger->folds_names = cursor.context().lower_case_table_names;
  static_cast<void>(read_head(cursor, *trigger));
  while (!cursor.at_end()) trigger->body.push_back(cursor.take());
  return std::unique_ptr<Statement>(std::move(trigger));
}

StatementResult read_drop_trigger(TokenCursor& cursor) {
  auto trigger = std::make_unique<TriggerStatement>();
  trigger->drops = true;
  RELAY_TRY(cursor.if_exists());
  if (auto name = cursor.table_name()) trigger->name = std::move(*name);
  while (!cursor.at_end() && !cursor.is_symbol(';')) cursor.take();
  return finished(cursor, std::move(trigger));
}

}  // namespace relay::sql
