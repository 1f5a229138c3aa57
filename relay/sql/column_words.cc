#include "relay/sql/column_words.h"

#include <algorithm>
#include <cctype>

#include "relay/sql/character_set.h"
#include "relay/sql/statement_tree.h"

namespace relay::sql {

namespace {

bool is_now(const Token& token) {
  return token.is_word("current_timestamp") || token.is_word("now") || token.is_word("localtimestamp") ||
         token.is_word("localtime");
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  });
}

std::string word_of(const Token& token) {
  if (is_now(token)) return "now";
  if (token.kind == TokenKind::string) return is_number(token.text) ? token.text : "'" + token.text + "'";
  return token.is_identifier() ? folded(token.text) : token.text;
}

// One form for `(0)`, `0` and `'0'`; `now()` and `now`.
std::string words_of(const TokenList& tokens) {
  std::string words;
  for (const Token& token : tokens) {
    if (token.is_symbol('(') || token.is_symbol(')')) continue;
    if (!words.empty()) words += ' ';
    words += word_of(token);
  }
  return words;
}

}  // namespace

std::vector<ColumnWords> column_words(const Statement& statement) {
  std::vector<ColumnWords> all;
  const auto* const create = dynamic_cast<const CreateTable*>(&statement);
  if (create == nullptr) return all;
  for (const ColumnSpec& column : create->parts.columns) {
    ColumnWords words{words_of(column.default_value), words_of(column.on_update), words_of(column.generated)};
    if (words.default_value == "null") words.default_value.clear();  // as where nothing is said
    all.push_back(std::move(words));
  }
  return all;
}

}  // namespace relay::sql
