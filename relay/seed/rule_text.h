#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/seed/table_draft.h"

namespace relay::seed {

// A basic string of TOML, its quotes included. Whatever cannot be seen, or changes how the rest of the line is shown,
// is escaped.
[[nodiscard]] std::string toml_text(std::string_view text);
// `name` fit for a comment: nothing in it ends the line or changes how the rest is shown.
[[nodiscard]] std::string comment_text(std::string_view name);
// An action as a rule file writes it: "\"drop\"" or "{ action = \"hash\", key = \"person\" }".
[[nodiscard]] std::string action_text(const scrub_rules::Action& action);
// "database.table" as a rule file's `name` has it, parts with dots or back-ticks in back-ticks; no TOML yet.
[[nodiscard]] std::string rule_name(std::string_view database, std::string_view table);
// Whether a rule file can name it: no control character, no wildcard.
[[nodiscard]] bool can_be_named(std::string_view name);

// The line of one column, without its end: `email = { ... }  # e-mail address (certain): ...`. REQUIRES: the column is
// one that is to be written.
[[nodiscard]] std::string column_line(const TableDraft& table, std::size_t column);
// The [[table]] of one draft, with a comment on what it was judged by; a comment alone where no rule can name it.
[[nodiscard]] std::string table_text(const TableDraft& table);
// [keys] with one key, in a file beside the rule file.
[[nodiscard]] std::string key_line(std::string_view key);
// A whole rule file.
[[nodiscard]] std::string rule_file_text(const std::vector<TableDraft>& tables, std::string_view key);

}  // namespace relay::seed
