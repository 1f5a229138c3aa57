#include "relay/binlog/statement_words.h"

#include <algorithm>
#include <string_view>

namespace relay::binlog {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_letters(std::string_view text, std::string_view upper_case) {
  return std::ranges::equal(text, upper_case, {}, upper);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool starts_with_words(std::string_view text, std::string_view words) {
  return text.size() > words.size() && same_letters(text.substr(0, words.size()), words) &&
         is_space(text[words.size()]);
}

bool ends_with_words(std::string_view text, std::string_view words) {
  if (text.size() <= words.size()) return false;
  const std::size_t start = text.size() - words.size();
  const char before = text[start - 1];
  return same_letters(text.substr(start), words) && (is_space(before) || before == ')');
}

}  // namespace

StatementWord statement_word(base::ByteView statement) {
  const std::string_view text = trimmed(statement.text());
  if (same_letters(text, "BEGIN")) return StatementWord::begin;
  if (same_letters(text, "COMMIT")) return StatementWord::commit;
  if (same_letters(text, "ROLLBACK")) return StatementWord::rollback;
  if (starts_with_words(text, "XA START") || starts_with_words(text, "XA BEGIN")) return StatementWord::xa_start;
  if (starts_with_words(text, "XA COMMIT") || starts_with_words(text, "XA ROLLBACK")) {
    return StatementWord::xa_end_of_prepared;
  }
  if (starts_with_words(text, "CREATE TABLE") && ends_with_words(text, "START TRANSACTION")) {
    return StatementWord::create_start_transaction;
  }
  return StatementWord::other;
}

}  // namespace relay::binlog
