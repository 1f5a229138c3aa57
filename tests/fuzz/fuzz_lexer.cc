#include "relay/sql/lexer.h"
#include "tests/fuzz/sql_input.h"

// Any text as any session: the tokens stand in the text's order, and hold no more than the text does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  // A byte of latin1 becomes three of utf8mb4 at most.
  constexpr std::size_t kGrowth = 3;
  const fuzz::SqlInput input = fuzz::sql_input(data, size);
  const auto tokens = sql::lex(input.text, input.context);
  if (!tokens) {
    fuzz::require(tokens.error().kind() == base::ErrorKind::unsupported);
    return 0;
  }
  fuzz::require(!tokens->empty() && tokens->back().kind == sql::TokenKind::end);
  std::size_t held = 0;
  for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
    const sql::Token& token = (*tokens)[i];
    fuzz::require(token.kind != sql::TokenKind::end);
    fuzz::require(token.offset < input.text.size() && token.offset <= (*tokens)[i + 1].offset);
    fuzz::require(token.kind != sql::TokenKind::symbol || token.text.size() == 1);
    held += token.text.size();
  }
  fuzz::require(held <= kGrowth * input.text.size());
  return 0;
}
