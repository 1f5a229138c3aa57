#include "relay/proof/control_statement.h"

#include <algorithm>

namespace relay::proof {

namespace {

constexpr std::size_t kDigestDigits = 64;  // of a SHA-256 in hexadecimal

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Takes at most `most` digits, at least one.
bool take_digits(std::string_view& text, std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && count < most && text[count] >= '0' && text[count] <= '9') ++count;
  text.remove_prefix(count);
  return count > 0;
}

bool is_savepoint(std::string_view text) {
  return (take(text, "SAVEPOINT ") || take(text, "ROLLBACK TO ") || take(text, "RELEASE SAVEPOINT ")) &&
         take(text, "`s") && take_digits(text, 10) && text == "`";
}

// X'', or X'...' with a digest.
bool take_name(std::string_view& text) {
  if (!take(text, "X'")) return false;
  const std::size_t size = std::min(text.find('\''), text.size());
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  const bool hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hexadecimal && (size == 0 || size == kDigestDigits) && take(text, "'");
}

bool is_xa(std::string_view text) {
  if (!take(text, "XA ")) return false;
  const bool commit = text.starts_with("COMMIT ");
  const bool verb = take(text, "START ") || take(text, "END ") || take(text, "PREPARE ") || take(text, "COMMIT ") ||
                    take(text, "ROLLBACK ");
  if (!verb || !take_name(text) || !take(text, ",") || !take_name(text) || !take(text, ",")) return false;
  return take_digits(text, 10) && (text.empty() || (commit && text == " ONE PHASE"));
}

}  // namespace

bool is_control_statement(std::string_view text) {
  return text == "BEGIN" || text == "COMMIT" || text == "ROLLBACK" || text == "# dropped" || is_savepoint(text) ||
         is_xa(text);
}

}  // namespace relay::proof
