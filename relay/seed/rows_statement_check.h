#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/result.h"

namespace relay::seed {

// Reads the INSERT statements of a file with rows as RowsWriter writes them, and nothing else:
//   INSERT INTO `database`.`table` (`column`, ...) VALUES
//   (literal,...),
//   (literal,...);
// where a literal is NULL, a number, or a string in single quotes with at most a character set before it. So whoever
// made the file, it can do nothing but insert rows into that table. Text comes piece by piece; each byte is looked at
// once.
class RowsStatementCheck {
 public:
  // `table` as it stands in a statement: "`shop`.`orders`".
  explicit RowsStatementCheck(const std::string& table) : head_("INSERT INTO " + table + " (`") {}

  // Goes on in `text`, which holds the statement from its beginning and may have grown since the last call. Says where
  // the statement ends, behind its newline; npos: not yet. Then the next call begins a new statement. Errors:
  // malformed, with the offset in the statement.
  [[nodiscard]] base::Result<std::size_t> scan(std::string_view text);
  // Rows of all statements so far.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  enum class State : std::uint8_t {
    head,
    column,         // in a column's name
    column_quote,   // behind a back-tick in it
    column_end,     // behind a column's name
    before_values,  // in ") VALUES\n(", which `word_` counts
    value,          // where a literal begins
    null_word,
    number,
    set_name,  // of a string's character set
    string,
    escape,
    value_end,  // behind a literal
    row_end,    // behind a row
    next_row,   // behind the comma after a row
    ending,     // behind the semicolon
  };

  // Takes one byte; false: no such statement.
  [[nodiscard]] bool step(char c);
  [[nodiscard]] bool step_columns(char c);
  [[nodiscard]] bool step_literal(char c);
  [[nodiscard]] bool step_rows(char c);
  bool become(State state) {
    state_ = state;
    word_ = 0;
    return true;
  }

  std::string head_;
  State state_ = State::head;
  std::size_t word_ = 0;  // bytes of the present word that were there
  std::size_t at_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace relay::seed
