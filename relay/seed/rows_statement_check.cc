#include "relay/seed/rows_statement_check.h"

namespace relay::seed {

namespace {

constexpr std::string_view kBeforeValues = ") VALUES\n(";
constexpr std::string_view kNullWord = "NULL";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

base::Result<std::size_t> RowsStatementCheck::scan(std::string_view text) {
  while (at_ < text.size()) {
    if (state_ == State::string) {
      // Nearly all bytes of a file: a search for two letters would look each of them up in their list.
      while (at_ < text.size() && text[at_] != '\'' && text[at_] != '\\') ++at_;
      if (at_ == text.size()) break;
    }
    if (!step(text[at_])) {
      return base::fail(
          base::Error(base::ErrorKind::malformed, "a file with rows holds something else than the table's rows")
              .at(at_));
    }
    ++at_;
    if (state_ == State::head && word_ == 0) {
      const std::size_t end = at_;
      at_ = 0;
      return end;
    }
  }
  return std::string_view::npos;
}

bool RowsStatementCheck::step(char c) {
  switch (state_) {
    case State::head:
      if (c != head_[word_]) return false;
      return ++word_ < head_.size() || become(State::column);
    case State::column:
    case State::column_quote:
    case State::column_end:
    case State::before_values:
      return step_columns(c);
    case State::row_end:
    case State::next_row:
    case State::ending:
      return step_rows(c);
    default:
      return step_literal(c);
  }
}

bool RowsStatementCheck::step_columns(char c) {
  switch (state_) {
    case State::column:
      return c == '`' ? become(State::column_quote) : c != '\n' && c != '\0';
    case State::column_quote:
      if (c == '`') return become(State::column);
      if (c == ',') return become(State::column_end);
      if (c != kBeforeValues[0]) return false;
      become(State::before_values);
      word_ = 1;
      return true;
    case State::column_end:  // ", `"
      if (c == ' ' && word_ == 0) return ++word_, true;
      return c == '`' && word_ == 1 && become(State::column);
    default:
      if (c != kBeforeValues[word_]) return false;
      return ++word_ < kBeforeValues.size() || become(State::value);
  }
}

bool RowsStatementCheck::step_literal(char c) {
  switch (state_) {
    case State::value:
      if (c == '\'') return become(State::string);
      if (c == '_') return become(State::set_name);
      if (is_digit(c) || c == '-') {
        become(State::number);
        word_ = is_digit(c) ? 1 : 0;
        return true;
      }
      if (c != kNullWord[0]) return false;
      become(State::null_word);
      word_ = 1;
      return true;
    case State::null_word:
      if (word_ < kNullWord.size()) return c == kNullWord[word_++];
      break;
    case State::number:
      if (is_digit(c)) return ++word_, true;
      if (word_ == 0) return false;
      if (c == '.') return true;
      break;
    case State::set_name:
      if ((c >= 'a' && c <= 'z') || is_digit(c)) return ++word_, true;
      return c == '\'' && word_ > 0 && become(State::string);
    case State::string:
      return become(c == '\'' ? State::value_end : State::escape);
    case State::escape:
      return become(State::string);
    default:
      break;
  }
  // Behind a literal. Two quotes would be one in a string; the writer writes none so.
  if (c == ',') return become(State::value);
  if (c != ')') return false;
  ++rows_;
  return become(State::row_end);
}

bool RowsStatementCheck::step_rows(char c) {
  switch (state_) {
    case State::row_end:
      if (c == ',') return become(State::next_row);
      return c == ';' && become(State::ending);
    case State::next_row:  // "\n("
      if (c == '\n' && word_ == 0) return ++word_, true;
      return c == '(' && word_ == 1 && become(State::value);
    default:
      return c == '\n' && become(State::head);
  }
}

}  // namespace relay::seed
