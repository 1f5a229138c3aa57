#include "relay/sql/lexer.h"

#include <algorithm>

#include "relay/base/ascii.h"
#include "relay/sql/character_set.h"
#include "relay/sql/sql_mode.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

using base::is_digit;
using base::is_space;
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_name_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  Lexer(std::string_view text, const SqlContext& context, std::size_t maximum_tokens)
      : text_(text),
        context_(context),
        maximum_tokens_(maximum_tokens),
        encoding_(client_encoding(context.client_collation)) {}

  Result<TokenList> run() {
    RELAY_TRY(check_encoding());
    while (true) {
      RELAY_TRY(skip_blank());
      if (at_ >= text_.size()) break;
      if (tokens_.size() >= maximum_tokens_) return error("statement has more tokens than can be read");
      RELAY_TRY(read_token());
    }
    if (in_versioned_comment_) return error("versioned comment is not closed");
    start(TokenKind::end);
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool mode(std::uint64_t bit) const { return (context_.sql_mode & bit) != 0; }
  tl::unexpected<Error> error(FixedText what) const { return base::fail(Error(ErrorKind::unsupported, what).at(at_)); }

  Result<void> check_encoding() {
    if (text_.size() > kMaximumStatementLength) return error("statement is longer than can be read");
    if (encoding_ == ClientEncoding::unreadable) return error("client character set of the statement cannot be read");
    if (encoding_ == ClientEncoding::ascii_only && !is_ascii(text_)) {
      return error("client character set of the statement is ambiguous beyond ASCII");
    }
    return {};
  }

  Token& start(TokenKind kind) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.offset = static_cast<std::uint32_t>(at_);
    token.glued = tokens_.size() > 1 && at_ == end_of_last_;
    return token;
  }

  // Blanks and comments before the next token.
  Result<void> skip_blank() {
    while (at_ < text_.size()) {
      const char c = peek();
      if (is_space(c)) {
        ++at_;
      } else if (c == '#' || (c == '-' && peek(1) == '-' && is_comment_gap(2))) {
        const auto line_end = text_.find('\n', at_);
        at_ = line_end == std::string_view::npos ? text_.size() : line_end + 1;
      } else if (c == '/' && peek(1) == '*') {
        RELAY_TRY(skip_comment());
      } else if (in_versioned_comment_ && c == '*' && peek(1) == '/') {
        in_versioned_comment_ = false;
        at_ += 2;
      } else {
        return {};
      }
    }
    return {};
  }

  [[nodiscard]] bool is_comment_gap(std::size_t ahead) const {
    const auto c = static_cast<unsigned char>(peek(ahead));
    return c <= 0x20 || c == 0x7F;
  }

  Result<void> skip_comment() {
    const bool maria = context_.dialect == Dialect::mariadb;
    if (peek(2) == '!') return enter_versioned(3, false);
    if (maria && peek(2) == 'M' && peek(3) == '!') return enter_versioned(4, true);
    const auto close = text_.find("*/", at_ + 2);
    if (close == std::string_view::npos) return error("comment is not closed");
    at_ = close + 2;
    return {};
  }

  Result<void> enter_versioned(std::size_t prefix, bool maria_only) {
    if (in_versioned_comment_) return error("versioned comment inside a versioned comment");
    std::size_t digits = 0;
    std::uint32_t version = 0;
    while (digits < 6 && is_digit(peek(prefix + digits)))
      version = version * 10 + static_cast<std::uint32_t>(peek(prefix + digits++) - '0');
    if (digits < 5) {
      at_ += prefix;
      in_versioned_comment_ = true;
      return {};
    }
    // Servers of MySQL differ in whether a sixth digit belongs to the number.
    if (digits == 6 && context_.dialect == Dialect::mysql) return error("versioned comment with six digits");
    if (context_.server_version == 0) return error("versioned comment, but the server's version is not known");
    if (executes(version, maria_only)) {
      at_ += prefix + digits;
      in_versioned_comment_ = true;
      return {};
    }
    return skip_nested_comment();
  }

  // sql_lex.cc of MariaDB leaves out what only MySQL 5.7 and later understand.
  [[nodiscard]] bool executes(std::uint32_t version, bool maria_only) const {
    if (version > context_.server_version) return false;
    return context_.dialect == Dialect::mysql || maria_only || version < 50700 || version > 99999;
  }

  // consume_comment() of sql_lex.cc: a skipped versioned comment may hold plain comments, which do not nest further.
  Result<void> skip_nested_comment() {
    std::size_t i = at_ + 2;
    while (i + 1 < text_.size()) {
      if (text_[i] == '*' && text_[i + 1] == '/') {
        at_ = i + 2;
        return {};
      }
      if (text_[i] == '/' && text_[i + 1] == '*') {
        const auto close = text_.find("*/", i + 2);
        if (close == std::string_view::npos) break;
        i = close + 2;
      } else {
        ++i;
      }
    }
    return error("comment is not closed");
  }

  Result<void> read_token() {
    const char c = peek();
    RELAY_TRY(read_by_first_character(c));
    end_of_last_ = at_;
    return {};
  }

  Result<void> read_by_first_character(char c) {
    if (c == '\'' || (c == '"' && !mode(kAnsiQuotes))) return read_string("");
    if (c == '`' || c == '"') return read_quoted_name(c);
    if ((c == 'n' || c == 'N') && peek(1) == '\'') {
      ++at_;
      return read_string("n");
    }
    if ((c == 'x' || c == 'X') && peek(1) == '\'') return read_digits_string(TokenKind::hex_string);
    if ((c == 'b' || c == 'B') && peek(1) == '\'') return read_digits_string(TokenKind::bit_string);
    const bool after_at = !tokens_.empty() && tokens_.back().is_symbol('@') && at_ == end_of_last_;
    if (after_at && is_name_char(c)) return read_host();
    const bool after_dot = !tokens_.empty() && tokens_.back().is_symbol('.') && at_ == end_of_last_;
    if (is_digit(c) && !after_dot) return read_number();
    if (c == '.' && is_digit(peek(1)) && !follows_name()) return read_number();
    if (is_name_char(c)) return read_word();
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return error("control character in the statement");
    start(TokenKind::symbol).text = std::string(1, c);
    ++at_;
    return {};
  }

  // After a name, ".5" is a part of a qualified name.
  [[nodiscard]] bool follows_name() const {
    return !tokens_.empty() && at_ == end_of_last_ && tokens_.back().is_identifier();
  }

  Result<std::string> to_text(std::string_view raw, bool identifier) {
    if (encoding_ == ClientEncoding::latin1) {
      std::string text;
      append_latin1_as_utf8(raw, text);
      return text;
    }
    if (encoding_ == ClientEncoding::other_safe && identifier && !is_ascii(raw)) {
      return error("identifier beyond ASCII in a character set that is not understood");
    }
    return std::string(raw);
  }

  Result<void> read_word() {
    Token& token = start(TokenKind::word);
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    RELAY_ASSIGN(token.text, to_text(text_.substr(begin, at_ - begin), true));
    return {};
  }

  // After '@': a user variable or the host of an account, which may hold dots.
  Result<void> read_host() {
    Token& token = start(TokenKind::word);
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '.')) ++at_;
    RELAY_ASSIGN(token.text, to_text(text_.substr(begin, at_ - begin), true));
    return {};
  }

  Result<void> read_quoted_name(char quote) {
    Token& token = start(TokenKind::name);
    std::string raw;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\0') return error("zero byte in a name");
      if (text_[at_] == quote) {
        if (peek(1) != quote) {
          ++at_;
          RELAY_ASSIGN(token.text, to_text(raw, true));
          return {};
        }
        ++at_;
      }
      raw += text_[at_];
    }
    return error("quoted name is not closed");
  }

  Result<void> read_string(const char* introducer) {
    const std::size_t token_offset = at_;
    const char quote = peek();
    std::string raw;
    bool closed = false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && !mode(kNoBackslashEscapes)) {
        if (at_ + 1 >= text_.size()) break;
        append_escape(raw, text_[++at_]);
      } else if (c == quote && peek(1) == quote) {
        raw += quote;
        ++at_;
      } else if (c == quote) {
        closed = true;
        ++at_;
        break;
      } else {
        raw += c;
      }
    }
    if (!closed) return error("string is not closed");
    RELAY_ASSIGN(std::string value, to_text(raw, false));
    add_string(std::move(value), introducer, token_offset);
    return {};
  }

  // get_text() of sql_lex.cc.
  static void append_escape(std::string& raw, char c) {
    switch (c) {
      case 'n':
        raw += '\n';
        break;
      case 't':
        raw += '\t';
        break;
      case 'r':
        raw += '\r';
        break;
      case 'b':
        raw += '\b';
        break;
      case '0':
        raw += '\0';
        break;
      case 'Z':
        raw += '\x1a';
        break;
      case '_':
      case '%':
        raw += '\\';
        raw += c;
        break;
      default:
        raw += c;
    }
  }

  void add_string(std::string value, const char* introducer, std::size_t offset) {
    const bool plain = *introducer == '\0';
    if (plain && !tokens_.empty() && tokens_.back().kind == TokenKind::string) {
      tokens_.back().text += value;  // adjacent strings are one
      return;
    }
    if (plain && take_introducer(TokenKind::string)) {
      tokens_.back().text = std::move(value);
      return;
    }
    const std::size_t here = at_;
    at_ = offset;
    Token& token = start(TokenKind::string);
    at_ = here;
    token.text = std::move(value);
    token.introducer = introducer;
  }

  // Turns a last token _charset into the literal that follows it.
  bool take_introducer(TokenKind kind) {
    if (tokens_.empty() || tokens_.back().kind != TokenKind::word || tokens_.back().text[0] != '_') return false;
    const std::string set = folded(std::string_view(tokens_.back().text).substr(1));
    if (!is_character_set(set)) return false;
    tokens_.back().kind = kind;
    tokens_.back().introducer = set;
    return true;
  }

  Token& start_literal(TokenKind kind) { return take_introducer(kind) ? tokens_.back() : start(kind); }

  Result<void> read_digits_string(TokenKind kind) {
    Token& token = start_literal(kind);
    at_ += 2;
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (kind == TokenKind::hex_string ? is_hex(text_[at_]) : text_[at_] == '0' || text_[at_] == '1'))
      ++at_;
    if (peek() != '\'') return error("hexadecimal or bit string is not well formed");
    token.text = std::string(text_.substr(begin, at_ - begin));
    if (kind == TokenKind::hex_string && token.text.size() % 2 != 0) return error("hexadecimal string of odd length");
    ++at_;
    return {};
  }

  bool read_prefixed_number() {
    const bool hex = peek(1) == 'x';
    if (peek() != '0' || (!hex && peek(1) != 'b')) return false;
    std::size_t end = at_ + 2;
    while (end < text_.size() && (hex ? is_hex(text_[end]) : text_[end] == '0' || text_[end] == '1')) ++end;
    if (end == at_ + 2 || (end < text_.size() && is_name_char(text_[end]))) return false;
    Token& token = start_literal(hex ? TokenKind::hex_number : TokenKind::bit_number);
    token.text = std::string(text_.substr(at_ + 2, end - at_ - 2));
    at_ = end;
    return true;
  }

  Result<void> read_number() {
    if (read_prefixed_number()) return {};
    std::size_t end = at_;
    auto digits = [&] {
      while (end < text_.size() && is_digit(text_[end])) ++end;
    };
    digits();
    const bool fraction = end < text_.size() && text_[end] == '.';
    if (fraction) {
      ++end;
      digits();
    }
    const bool has_exponent = read_exponent(end);
    if (!fraction && !has_exponent && end < text_.size() && is_name_char(text_[end])) return read_word();
    start(TokenKind::number).text = std::string(text_.substr(at_, end - at_));
    at_ = end;
    return {};
  }

  bool read_exponent(std::size_t& end) const {
    if (end >= text_.size() || (text_[end] != 'e' && text_[end] != 'E')) return false;
    std::size_t i = end + 1;
    if (i < text_.size() && (text_[i] == '+' || text_[i] == '-')) ++i;
    if (i >= text_.size() || !is_digit(text_[i])) return false;
    while (i < text_.size() && is_digit(text_[i])) ++i;
    end = i;
    return true;
  }

  std::string_view text_;
  const SqlContext& context_;
  std::size_t maximum_tokens_;
  ClientEncoding encoding_;
  std::size_t at_ = 0;
  std::size_t end_of_last_ = 0;
  bool in_versioned_comment_ = false;
  TokenList tokens_;
};

}  // namespace

bool Token::is_word(std::string_view keyword) const { return kind == TokenKind::word && equal_keywords(text, keyword); }

bool equal_keywords(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

Result<TokenList> lex(std::string_view text, const SqlContext& context, std::size_t maximum_tokens) {
  return Lexer(text, context, maximum_tokens).run();
}

}  // namespace relay::sql
