#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "relay/base/problem.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {

// The words of rule files, and how mistakes in them are told.

using Words = std::span<const std::string_view>;

inline constexpr std::array<std::string_view, 4> kFileKeys = {"defaults", "keys", "statements", "table"};
inline constexpr std::array<std::string_view, 2> kDefaultKeys = {"table", "column"};
inline constexpr std::array<std::string_view, 2> kTableDefaults = {"deny", "pass"};
inline constexpr std::array<std::string_view, 3> kColumnDefaults = {"drop", "keep", "halt"};
inline constexpr std::array<std::string_view, 1> kStatementKeys = {"dml"};
inline constexpr std::array<std::string_view, 2> kDataStatements = {"halt", "drop-if-denied"};
inline constexpr std::array<std::string_view, 3> kKeySources = {"file", "env", "command"};
inline constexpr std::array<std::string_view, 4> kTableKeys = {"name", "column_default", "optional", "columns"};
inline constexpr std::array<std::string_view, 3> kColumnKeys = {"action", "value", "optional"};
// Of all actions.
inline constexpr std::array<std::string_view, 13> kOptions = {"key",     "length",  "encoding",   "fold",      "with",
                                                              "to",      "keep",    "keep_first", "keep_last", "remove",
                                                              "prefix4", "prefix6", "patterns"};
// In the order of ActionKind.
inline constexpr std::array<std::string_view, 14> kActions = {"keep",  "drop",     "null",   "constant", "hash",
                                                              "mask",  "truncate", "date",   "round",    "ip",
                                                              "email", "digits",   "redact", "json"};
inline constexpr std::array<std::string_view, 3> kDateParts = {"year", "month", "day"};

[[nodiscard]] std::optional<std::size_t> index_in(Words words, std::string_view word);
// "did you mean x?", or the known words when none is near. Repeats nothing of `word`.
[[nodiscard]] std::string suggestion(std::string_view word, Words known);
// A name of the operator's file, fit for a message.
[[nodiscard]] std::string printable(std::string_view name);

// Collects the mistakes of rule files, each with the file, line and key that it is about.
class RuleFileLog {
 public:
  explicit RuleFileLog(base::Problems& problems) : problems_(problems) {}

  void enter_file(const std::string& file) {
    file_ = file;
    where_.clear();
  }
  // What the next problems are about: "table shop.customers, column ssn".
  void enter(std::string where) { where_ = std::move(where); }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] const std::string& file() const { return file_; }

  void problem(std::uint32_t line, std::string what, std::string remedy);
  // Repeats `key` only where rules have such a word elsewhere: it may be a pseudonyms' key that went to the wrong
  // place.
  void unknown_key(std::uint32_t line, std::string_view key, Words known);
  // Whether the place entered is met for the first time in any file; a second time is a problem.
  [[nodiscard]] bool first_time(std::uint32_t line);

 private:
  base::Problems& problems_;
  std::map<std::string, std::string> seen_;  // place to "file:line"
  std::string file_;
  std::string where_;
};

}  // namespace relay::scrub_rules
