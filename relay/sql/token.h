#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relay::sql {

enum class TokenKind : std::uint8_t {
  word,        // unquoted identifier or keyword, as written
  name,        // quoted identifier, unescaped
  string,      // character string, unescaped
  hex_string,  // x'1F', the digits
  bit_string,  // b'01', the digits
  hex_number,  // 0x1F, the digits
  bit_number,  // 0b01, the digits
  number,      // as written, without a sign
  symbol,      // one character
  end,         // after the last token
};

// One token of a statement, with its own copy of the text. Text of a client in latin1 stands here in utf8mb4.
struct Token {
  TokenKind kind = TokenKind::end;
  bool glued = false;        // nothing stood between this token and the one before
  std::uint32_t offset = 0;  // of its first byte in the statement
  std::string text;
  std::string introducer;  // strings: the character set of _charset'..', or "n" for N'..'

  [[nodiscard]] bool is_symbol(char c) const { return kind == TokenKind::symbol && text[0] == c; }
  [[nodiscard]] bool is_word(std::string_view keyword) const;  // without regard to case; a quoted name is no keyword
  [[nodiscard]] bool is_identifier() const { return kind == TokenKind::word || kind == TokenKind::name; }
};

using TokenList = std::vector<Token>;

// Equality of ASCII letters without regard to case; keywords and option names.
[[nodiscard]] bool equal_keywords(std::string_view a, std::string_view b);

}  // namespace relay::sql
