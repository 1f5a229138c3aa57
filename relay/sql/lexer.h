#pragma once

#include <string_view>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "relay/sql/token.h"

namespace relay::sql {

// A statement longer than this, or of more tokens, is an Error: the tokens have to fit in memory.
inline constexpr std::size_t kMaximumStatementLength = std::size_t{64} << 20;
inline constexpr std::size_t kMaximumTokens = std::size_t{1} << 20;

// Splits a statement as the server's lexer does (sql/sql_lex.cc) under the context's sql_mode, client collation and
// version. Comments are gone, versioned comments are read or skipped as that server did. The list ends with a token of
// kind `end`. Time is linear in the length of the text. Errors: unsupported, with the offset.
[[nodiscard]] base::Result<TokenList> lex(std::string_view text, const SqlContext& context,
                                          std::size_t maximum_tokens = kMaximumTokens);

}  // namespace relay::sql
