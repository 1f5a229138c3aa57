#include "relay/server/statement_tokens.h"

#include "relay/base/ascii.h"

namespace relay::server {

namespace {

using base::is_digit;
using base::is_space;
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '$' || c == '@' || c == '.'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::optional<std::vector<StatementToken>> run() {
    while (skip_to_token()) {
      if (tokens_.size() == kMaximumTokens) return std::nullopt;
      const char c = text_[at_];
      const bool cut = c == '\'' || c == '"' ? cut_quoted(c, StatementToken::Kind::string)
                       : c == '`'            ? cut_quoted(c, StatementToken::Kind::word)
                                             : cut_plain(c);
      if (!cut) return std::nullopt;
    }
    if (broken_) return std::nullopt;
    if (!tokens_.empty() && tokens_.back() == StatementToken{StatementToken::Kind::sign, ";"}) tokens_.pop_back();
    return std::move(tokens_);
  }

 private:
  // Passes over white space and comments; false at the end.
  bool skip_to_token() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t end = text_.find("*/", at_ + 2);
        broken_ = end == std::string_view::npos;
        at_ = broken_ ? text_.size() : end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  // The quote twice is the quote once; a backslash takes the next character as it is.
  bool cut_quoted(char quote, StatementToken::Kind kind) {
    std::string content;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
          ++at_;
        } else {
          ++at_;
          tokens_.push_back({kind, std::move(content)});
          return true;
        }
      } else if (text_[at_] == '\\' && quote != '`' && at_ + 1 < text_.size()) {
        ++at_;
      }
      content += text_[at_];
    }
    return false;
  }

  bool cut_plain(char first) {
    std::string content;
    while (at_ < text_.size() && is_word(text_[at_])) content += lower(text_[at_++]);
    if (content.empty()) {
      if (static_cast<unsigned char>(first) < 0x20 || static_cast<unsigned char>(first) >= 0x7f) return false;
      content = first;
      ++at_;
      tokens_.push_back({StatementToken::Kind::sign, std::move(content)});
      return true;
    }
    const bool number = content.find_first_not_of("0123456789.") == std::string::npos;
    tokens_.push_back({number ? StatementToken::Kind::number : StatementToken::Kind::word, std::move(content)});
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
  std::vector<StatementToken> tokens_;
};

}  // namespace

std::optional<std::vector<StatementToken>> statement_tokens(std::string_view statement) {
  return Cutter(statement).run();
}

}  // namespace relay::server
