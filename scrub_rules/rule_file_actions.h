#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

#include "scrub_rules/rule_file_words.h"

namespace relay::scrub_rules {

[[nodiscard]] inline std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }
[[nodiscard]] inline std::uint32_t line_of(const toml::key& key) { return key.source().begin.line; }

// Where in `text` a place of the parser is, which counts characters of a line; text.size() where it is none of the
// text's.
[[nodiscard]] std::size_t offset_of(std::string_view text, const toml::source_position& place);
// A problem for each entry of `table` that is not `known`.
void refuse_unknown_keys(RuleFileLog& log, const toml::table& table, Words known);
// The entry as an optional flag; absent and wrong entries leave `into` alone.
void read_flag(RuleFileLog& log, const toml::table& table, std::string_view key, bool& into);

// Reads what a rule file says of one column: "keep", or { action = ..., and the action's options }.
class ActionReader {
 public:
  // `text` is the file's.
  ActionReader(RuleFileLog& log, std::string_view text) : log_(log), text_(text) {}
  // Whether the column has an action now; every mistake is a problem.
  [[nodiscard]] bool read(const toml::node& node, ColumnRule& column);

 private:
  [[nodiscard]] bool read_name(std::string_view word, std::uint32_t line, ActionKind& kind);
  [[nodiscard]] bool read_table(const toml::table& table, ColumnRule& column);
  [[nodiscard]] bool is_whole(const ColumnRule& column);
  // The options of an action that is made of the value.
  [[nodiscard]] bool read_options(const toml::table& table, ColumnRule& column);
  // True where the entry is absent, or read; else it is a problem.
  [[nodiscard]] bool read_text(const toml::table& table, std::string_view key, std::string& into);
  [[nodiscard]] bool read_encoding(const toml::table& table, std::string& into);
  [[nodiscard]] bool read_count(const toml::table& table, std::string_view key, std::uint32_t& into,
                                std::uint32_t most);
  [[nodiscard]] bool read_patterns(const toml::node& node, Action& action);
  [[nodiscard]] bool read_paths(const toml::table& table, Action& action);
  [[nodiscard]] bool read_to(const toml::node& node, Action& action);
  [[nodiscard]] bool read_value(const toml::node& node, std::string& value);
  [[nodiscard]] std::string number_as_written(const toml::node& node) const;
  void problem(const toml::node& node, std::string what, std::string remedy) {
    log_.problem(line_of(node), std::move(what), std::move(remedy));
  }

  RuleFileLog& log_;
  std::string_view text_;
};

}  // namespace relay::scrub_rules
