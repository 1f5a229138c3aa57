#include "relay/binlog/statement_words.h"

#include <algorithm>
#include <string_view>

#include "relay/base/ascii.h"

namespace relay::binlog {

namespace {

using base::is_space;

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

// Behind the quoted text that begins there; quotes in it are doubled or stand behind a backslash.
std::size_t skip_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  while (at < text.size() && text[at] != quote) at += text[at] == '\\' && quote != '`' ? 2 : 1;
  return at + 1;
}

// Whether the text ends in a comment that goes on to the end of its line. Clients send them along, and servers log
// them.
bool ends_in_comment(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
      at = skip_quoted(text, at);
    } else if (rest[0] == '#' || (rest.starts_with("--") && (rest.size() == 2 || is_space(rest[2])))) {
      const std::size_t line = rest.find('\n');
      if (line == std::string_view::npos) return true;
      at += line + 1;
    } else if (rest.starts_with("/*")) {
      at = std::min(text.find("*/", at + 2), text.size());
    } else {
      ++at;
    }
  }
  return false;
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
  if (starts_with_words(text, "CREATE TABLE") && ends_with_words(text, "START TRANSACTION") && !ends_in_comment(text)) {
    return StatementWord::create_start_transaction;
  }
  return StatementWord::other;
}

}  // namespace relay::binlog
