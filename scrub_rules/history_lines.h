#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "scrub_rules/schema_history_file.h"

namespace relay::scrub_rules {

// One line of the schema history file, read.
struct HistoryLine {
  enum class Kind : std::uint8_t { header, baseline, table, baseline_end, change };
  Kind kind = Kind::header;
  std::uint64_t count = 0;  // of the header: the format's version; of baseline and baseline_end: tables
  std::uint32_t mark = 0;   // of a baseline_end
  HistoryRecord record;     // of baseline and change; of a table, the one table
};

inline constexpr unsigned kHistoryFormat = 3;

[[nodiscard]] std::string history_header_line();
// None when the text is not UTF-8 all through.
[[nodiscard]] std::optional<std::string> history_change_line(const HistoryRecord& change);
// The mark behind a change whose line this is (without its newline), where the one before it was `mark`.
[[nodiscard]] std::uint32_t history_mark(std::string_view change_line, std::uint32_t mark);
// The lines of a baseline, one call of `write` for every few megabytes of them. `mark`: the one to go on from; none:
// made of the lines. Returns it; none when the lines are not UTF-8. An error is that of `write`.
[[nodiscard]] base::Result<std::optional<std::uint32_t>> history_baseline_lines(
    const HistoryRecord& baseline, std::optional<std::uint32_t> mark,
    const std::function<base::Result<void>(const std::string&)>& write);

// None when the line (without its newline) is broken.
[[nodiscard]] std::optional<HistoryLine> parse_history_line(std::string_view line);

// Reads a file's lines, front to back, in bounded memory.
class LineReader {
 public:
  explicit LineReader(base::File& file) : file_(file) {}
  struct Line {
    std::string_view text;  // without its newline; valid until the next call
    bool whole = true;      // false: the file ended before a newline
    std::uint64_t end = 0;  // offset in the file behind the newline
  };
  // None at the end. Errors: io; malformed for a line of more than 256 MiB.
  [[nodiscard]] base::Result<std::optional<Line>> next();

 private:
  base::File& file_;
  std::vector<char> block_;
  std::size_t start_ = 0, filled_ = 0;
  std::uint64_t read_ = 0;      // bytes of the file read
  std::uint64_t consumed_ = 0;  // bytes of the file given out
};

}  // namespace relay::scrub_rules
