#include "relay/sql/token_cursor.h"

#include <algorithm>

#include "relay/sql/character_set.h"

namespace relay::sql {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

const Token& TokenCursor::peek(std::size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

const Token& TokenCursor::take() {
  const Token& token = peek();
  if (token.kind != TokenKind::end) ++at_;
  return token;
}

bool TokenCursor::is_sequence(std::initializer_list<std::string_view> words) const {
  std::size_t ahead = 0;
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) { return peek(ahead++).is_word(word); });
}

bool TokenCursor::accept(std::string_view word) {
  if (!is(word)) return false;
  ++at_;
  return true;
}

bool TokenCursor::accept(std::initializer_list<std::string_view> words) {
  if (!is_sequence(words)) return false;
  at_ += words.size();
  return true;
}

bool TokenCursor::accept_any(std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [this](std::string_view word) { return accept(word); });
}

bool TokenCursor::accept_symbol(char c) {
  if (!is_symbol(c)) return false;
  ++at_;
  return true;
}

Result<void> TokenCursor::expect(std::string_view word) {
  if (!accept(word)) return unread("a keyword of the grammar is missing");
  return {};
}

Result<void> TokenCursor::expect_symbol(char c) {
  if (!accept_symbol(c)) return unread("a symbol of the grammar is missing");
  return {};
}

bool TokenCursor::mentions(std::initializer_list<std::string_view> words) const {
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.is_word(word); });
  });
}

Result<void> TokenCursor::expect_end() {
  accept_symbol(';');
  if (!at_end()) return unread("the statement goes on after what is known of it");
  return {};
}

Result<std::string> TokenCursor::identifier() {
  if (!peek().is_identifier() || peek().text.empty()) return unread("a name is missing");
  return take().text;
}

std::string TokenCursor::fold_table(std::string name) const {
  return context_.lower_case_table_names ? folded(name) : name;
}

Result<TableName> TokenCursor::table_name() {
  RELAY_ASSIGN(TableName name, related_table_name());
  if (name.database.empty()) name.database = fold_table(context_.default_database);
  if (name.database.empty()) return unread("a table without a database");
  return name;
}

Result<TableName> TokenCursor::related_table_name() {
  TableName name;
  const bool bare = accept_symbol('.');  // ODBC's way of writing no database
  RELAY_ASSIGN(name.table, identifier());
  if (!bare && accept_symbol('.')) {
    name.database = std::move(name.table);
    RELAY_ASSIGN(name.table, identifier());
  }
  return TableName{fold_table(std::move(name.database)), fold_table(std::move(name.table))};
}

Result<std::uint64_t> TokenCursor::unsigned_number() {
  const Token& token = peek();
  if (token.kind != TokenKind::number || token.text.size() > 19) return unread("a whole number is missing");
  std::uint64_t value = 0;
  for (const char c : token.text) {
    if (c < '0' || c > '9') return unread("a whole number is missing");
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  take();
  return value;
}

Result<std::string> TokenCursor::string_value() {
  if (peek().kind != TokenKind::string) return unread("a string is missing");
  return take().text;
}

Result<std::string> TokenCursor::plain_name() {
  const Token& token = peek();
  if (!token.is_identifier() && token.kind != TokenKind::string) return unread("a name is missing");
  const bool plain =
      !token.text.empty() && token.text.size() <= 64 && std::all_of(token.text.begin(), token.text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      });
  if (!plain) return unread("a name of letters and digits is missing");
  return take().text;
}

Result<TokenList> TokenCursor::parenthesized() {
  RELAY_TRY(expect_symbol('('));
  TokenList inside;
  for (std::size_t depth = 1; !at_end(); take()) {
    const Token& token = peek();
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(';')) return unread("a semicolon inside parentheses");
    if (token.is_symbol(')') && --depth == 0) {
      take();
      return inside;
    }
    inside.push_back(token);
  }
  return unread("parentheses are not closed");
}

Result<std::vector<std::string>> TokenCursor::name_list() {
  std::vector<std::string> names;
  RELAY_TRY(expect_symbol('('));
  if (accept_symbol(')')) return names;
  do {
    RELAY_ASSIGN(std::string name, identifier());
    names.push_back(std::move(name));
  } while (accept_symbol(','));
  RELAY_TRY(expect_symbol(')'));
  return names;
}

Result<bool> TokenCursor::if_exists() {
  if (!is("if")) return false;
  if (!accept({"if", "exists"})) return unread("IF without EXISTS");
  return true;
}

Result<bool> TokenCursor::if_not_exists() {
  if (!is("if")) return false;
  if (!accept({"if", "not", "exists"})) return unread("IF without NOT EXISTS");
  return true;
}

tl::unexpected<Error> TokenCursor::unread(FixedText what) const {
  return base::fail(Error(ErrorKind::unsupported, what).at(peek().offset));
}

}  // namespace relay::sql
