#include "relay/sql/data_statement.h"

#include <algorithm>
#include <array>

#include "relay/sql/lexer.h"
#include "relay/sql/token_cursor.h"

namespace relay::sql {
namespace {

using base::FixedText;
using base::Result;

constexpr FixedText kUncertain{"the tables of a statement that changes data are not certain"};

// Words that begin a query or name another table.
constexpr auto kOtherTables = std::to_array<std::string_view>(
    {"select", "with", "table", "join", "union", "intersect", "except", "from", "using", "into", "call", "for"});
// Words that may stand before a parenthesis without being a function that somebody could have stored: reserved in every
// version, or part of the grammar at hand.
constexpr auto kBeforeParenthesis = std::to_array<std::string_view>({"values",
                                                                     "value",
                                                                     "in",
                                                                     "and",
                                                                     "or",
                                                                     "not",
                                                                     "xor",
                                                                     "between",
                                                                     "when",
                                                                     "then",
                                                                     "else",
                                                                     "where",
                                                                     "by",
                                                                     "set",
                                                                     "default",
                                                                     "current_timestamp",
                                                                     "current_date",
                                                                     "current_time",
                                                                     "localtime",
                                                                     "localtimestamp",
                                                                     "utc_date",
                                                                     "utc_time",
                                                                     "utc_timestamp",
                                                                     "lines",
                                                                     "rows",
                                                                     "div",
                                                                     "mod",
                                                                     "like",
                                                                     "regexp",
                                                                     "rlike",
                                                                     "is"});

template <std::size_t N>
bool one_of(const Token& token, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is_word(word); });
}

Result<void> skip_partitions(TokenCursor& cursor) {
  if (!cursor.accept("partition")) return {};
  RELAY_TRY(cursor.name_list());
  return {};
}

// [[AS] alias]
void skip_alias(TokenCursor& cursor) {
  const bool as = cursor.accept("as");
  const bool clause = cursor.is("set") || cursor.is("where") || cursor.is("order") || cursor.is("limit") ||
                      cursor.is("returning") || cursor.is("using");
  if (as || (cursor.peek().is_identifier() && !clause)) cursor.take();
}

// Values, assignments and conditions up to the end of the statement.
Result<void> read_expressions(TokenCursor& cursor) {
  Token before;
  bool qualified = false;  // a dot stood before `before`
  while (!cursor.at_end() && !cursor.is_symbol(';')) {
    const Token& token = cursor.peek();
    if (one_of(token, kOtherTables)) return cursor.unread(kUncertain);
    const bool call =
        token.is_symbol('(') && before.is_identifier() && (qualified || !one_of(before, kBeforeParenthesis));
    if (call) return cursor.unread(kUncertain);
    qualified = before.is_symbol('.');
    before = cursor.take();
  }
  return cursor.expect_end();
}

Result<TableName> read_insert(TokenCursor& cursor) {
  cursor.accept_any({"low_priority", "delayed", "high_priority"});
  cursor.accept("ignore");
  cursor.accept("into");
  RELAY_ASSIGN(TableName name, cursor.table_name());
  RELAY_TRY(skip_partitions(cursor));
  if (cursor.is_symbol('(')) RELAY_TRY(cursor.name_list());
  if (!cursor.is("values") && !cursor.is("value") && !cursor.is("set")) return cursor.unread(kUncertain);
  RELAY_TRY(read_expressions(cursor));
  return name;
}

Result<TableName> read_update(TokenCursor& cursor) {
  cursor.accept("low_priority");
  cursor.accept("ignore");
  RELAY_ASSIGN(TableName name, cursor.table_name());
  RELAY_TRY(skip_partitions(cursor));
  skip_alias(cursor);
  if (!cursor.is("set")) return cursor.unread(kUncertain);
  RELAY_TRY(read_expressions(cursor));
  return name;
}

Result<TableName> read_delete(TokenCursor& cursor) {
  while (cursor.accept_any({"low_priority", "quick", "ignore"})) {
  }
  if (!cursor.accept("from")) return cursor.unread(kUncertain);
  RELAY_ASSIGN(TableName name, cursor.table_name());
  RELAY_TRY(skip_partitions(cursor));
  skip_alias(cursor);
  const bool single = cursor.at_end() || cursor.is_symbol(';') || cursor.is("where") || cursor.is("order") ||
                      cursor.is("limit") || cursor.is("returning");
  if (!single) return cursor.unread(kUncertain);
  RELAY_TRY(read_expressions(cursor));
  return name;
}

Result<TableName> read_load(TokenCursor& cursor) {
  if (!cursor.accept_any({"data", "xml"})) return cursor.unread(kUncertain);
  cursor.accept_any({"low_priority", "concurrent"});
  cursor.accept("local");
  RELAY_TRY(cursor.expect("infile"));
  RELAY_TRY(cursor.string_value());
  cursor.accept_any({"replace", "ignore"});
  if (!cursor.accept({"into", "table"})) return cursor.unread(kUncertain);
  RELAY_ASSIGN(TableName name, cursor.table_name());
  RELAY_TRY(skip_partitions(cursor));
  if (cursor.accept({"character", "set"}) || cursor.accept("charset")) RELAY_TRY(cursor.plain_name());
  RELAY_TRY(read_expressions(cursor));
  return name;
}

}  // namespace

Result<TableName> table_of_data_statement(std::string_view text, const SqlContext& context) {
  RELAY_ASSIGN(const TokenList tokens, lex(text, context));
  TokenCursor cursor(tokens, context);
  if (cursor.accept_any({"insert", "replace"})) return read_insert(cursor);
  if (cursor.accept("update")) return read_update(cursor);
  if (cursor.accept("delete")) return read_delete(cursor);
  if (cursor.accept("load")) return read_load(cursor);
  return cursor.unread(kUncertain);
}

}  // namespace relay::sql
