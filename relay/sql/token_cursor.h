#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "relay/sql/token.h"

namespace relay::sql {

// Walks the tokens of one statement. Borrows list and context, which must outlive it. `accept...` takes what it names
// if it is next; `expect...` is an Error (unsupported, with the offset) when it is not.
class TokenCursor {
 public:
  TokenCursor(const TokenList& tokens, const SqlContext& context) : tokens_(tokens), context_(context) {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  [[nodiscard]] const SqlContext& context() const { return context_; }
  [[nodiscard]] bool maria() const { return context_.dialect == Dialect::mariadb; }
  [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::end; }
  [[nodiscard]] bool is(std::string_view word) const { return peek().is_word(word); }
  [[nodiscard]] bool is_sequence(std::initializer_list<std::string_view> words) const;
  [[nodiscard]] bool is_symbol(char c) const { return peek().is_symbol(c); }
  const Token& take();

  bool accept(std::string_view word);
  bool accept(std::initializer_list<std::string_view> words);  // all of them, in this order
  bool accept_any(std::initializer_list<std::string_view> words);
  bool accept_symbol(char c);
  [[nodiscard]] base::Result<void> expect(std::string_view word);
  [[nodiscard]] base::Result<void> expect_symbol(char c);
  // Whether one of the words stands anywhere in the statement, before this place or after it.
  [[nodiscard]] bool mentions(std::initializer_list<std::string_view> words) const;
  // The end of the statement, after at most one semicolon.
  [[nodiscard]] base::Result<void> expect_end();

  [[nodiscard]] base::Result<std::string> identifier();
  // [database.]table, folded as the context says.
  [[nodiscard]] base::Result<TableName> table_name();
  // The same, where the statement's own table tells which database is meant: empty when none is written.
  [[nodiscard]] base::Result<TableName> related_table_name();
  [[nodiscard]] base::Result<std::uint64_t> unsigned_number();
  [[nodiscard]] base::Result<std::string> string_value();
  // A word, name or string that names a character set, collation or engine; letters, digits and '_' only.
  [[nodiscard]] base::Result<std::string> plain_name();
  // "(" tokens ")" with balanced parentheses inside; the outer ones are left out.
  [[nodiscard]] base::Result<TokenList> parenthesized();
  // (name [, name]...)
  [[nodiscard]] base::Result<std::vector<std::string>> name_list();
  // Whether the statement has the clause IF EXISTS or IF NOT EXISTS here; taken when it has.
  [[nodiscard]] base::Result<bool> if_exists();
  [[nodiscard]] base::Result<bool> if_not_exists();

  [[nodiscard]] tl::unexpected<base::Error> unread(base::FixedText what) const;

 private:
  [[nodiscard]] std::string fold_table(std::string name) const;

  const TokenList& tokens_;
  const SqlContext& context_;
  std::size_t at_ = 0;
};

}  // namespace relay::sql
