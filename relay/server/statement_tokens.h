#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay::server {

// A piece of a client's statement. Words (names, variables with their @) are in lower case; strings have lost their
// quotes.
struct StatementToken {
  enum class Kind : unsigned char { word, string, number, sign };
  Kind kind = Kind::word;
  std::string text;
  friend bool operator==(const StatementToken&, const StatementToken&) = default;
};

// Cuts a statement into tokens: white space and comments separate, one closing ';' is dropped. None when it is no text
// of this small language or has more than kMaximumTokens.
inline constexpr std::size_t kMaximumTokens = 200;
[[nodiscard]] std::optional<std::vector<StatementToken>> statement_tokens(std::string_view statement);

}  // namespace relay::server
