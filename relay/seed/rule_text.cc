#include "relay/seed/rule_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/sql/utf8.h"
#include "scrub_rules/name_pattern.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/rule_table_name.h"

namespace relay::seed {

namespace {

using scrub_rules::Action;
using scrub_rules::ActionKind;

// Controls of both kinds, ends of lines and paragraphs, and what turns the direction of writing or has no width
// (Unicode's general categories Cc, Zl, Zp and Cf): they could make a line look like another one.
bool is_hidden(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c || code == 0x180e ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || (code >= 0xd800 && code <= 0xdfff) || code == 0xfeff || code >= 0xfff0;
}

// Calls put(code, bytes) for each character; bytes that are none count as U+FFFD.
template <typename Put>
void for_each_character(std::string_view text, Put put) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto code = sql::decode_utf8(text, at);
    if (!code) ++at;
    put(code.value_or(kReplacement), text.substr(begin, at - begin));
  }
}

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string toml_key(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_bare) ? std::string(name) : toml_text(name);
}

std::string rule_name_part(std::string_view part) {
  if (part.find_first_of(".`") == std::string_view::npos) return std::string(part);
  std::string quoted = "`";
  for (const char c : part) quoted += c == '`' ? "``" : std::string(1, c);
  return quoted + "`";
}

std::string printable_name(const sql::TableDefinition& table) {
  return comment_text(table.database + "." + table.table);
}

std::string judged_by(const TableDraft& table) {
  constexpr std::string_view kAlone = "judged by names and types alone";
  switch (table.end) {
    case SampleEnd::complete:
      return fmt::format("{} row{} sampled", table.rows, table.rows == 1 ? "" : "s");
    case SampleEnd::not_asked:
      return std::string(kAlone);
    case SampleEnd::no_rows:
      return fmt::format("no rows; {}", kAlone);
    case SampleEnd::other_rows:
      return fmt::format("its engine shows rows of other tables or servers, which were not asked for; {}", kAlone);
    case SampleEnd::no_privilege:
      return fmt::format("the account may not SELECT from it; {}", kAlone);
    case SampleEnd::time_limit:
      return table.rows == 0 ? fmt::format("the time limit was reached; {}", kAlone)
                             : fmt::format("the time limit was reached; {} rows sampled of some columns, others {}",
                                           table.rows, kAlone);
    case SampleEnd::failed:
      return fmt::format("sampling failed with the server's error {}; {}", table.code, kAlone);
  }
  return std::string(kAlone);
}

}  // namespace

bool can_be_named(std::string_view name) {
  bool characters = true;  // half of a pair of UTF-16 is none, and TOML has no way to write it
  for_each_character(name, [&](std::uint32_t code, std::string_view bytes) {
    characters = characters &&
                 bytes.size() == (code < 0x80    ? 1U
                                  : code < 0x800 ? 2U
                                                 : 3U) &&
                 (code < 0xd800 || code > 0xdfff);
  });
  return characters && scrub_rules::check_identifier(name).has_value() && !scrub_rules::has_wildcard(name);
}

bool TableDraft::nameable() const { return can_be_named(definition.database) && can_be_named(definition.table); }

std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for_each_character(text, [&](std::uint32_t code, std::string_view bytes) {
    if (code == '"' || code == '\\') {
      quoted += '\\';
      quoted += bytes;
    } else if (is_hidden(code)) {
      quoted += fmt::format("\\u{:04X}", code);
    } else {
      quoted += bytes;
    }
  });
  return quoted + "\"";
}

std::string comment_text(std::string_view name) {
  std::string text;
  for_each_character(name, [&](std::uint32_t code, std::string_view bytes) { text += is_hidden(code) ? "?" : bytes; });
  return text;
}

std::string action_text(const Action& action) {
  const std::string_view word = scrub_rules::kActions[static_cast<std::size_t>(action.kind)];
  std::string options;
  if (!action.key.empty()) options += ", key = " + toml_text(action.key);
  if (!action.encoding.empty()) options += ", encoding = " + toml_text(action.encoding);
  if (action.length) options += fmt::format(", length = {}", *action.length);
  if (action.kind == ActionKind::date) options += ", to = " + toml_text(action.to);
  if (action.kind == ActionKind::round) options += ", to = " + action.to;
  return options.empty() ? fmt::format("\"{}\"", word) : fmt::format("{{ action = \"{}\"{} }}", word, options);
}

std::string rule_name(std::string_view database, std::string_view table) {
  return rule_name_part(database) + "." + rule_name_part(table);
}

std::string column_line(const TableDraft& table, std::size_t column) {
  const Proposal& proposal = table.columns[column].proposal;
  std::string line = toml_key(table.definition.columns[column].name) + " = " + action_text(proposal.action) + "  # ";
  line += text_of(proposal.kind);
  if (proposal.kind != DataKind::unknown) line += fmt::format(" ({})", text_of(proposal.confidence));
  return line + ": " + proposal.evidence;
}

std::string table_text(const TableDraft& table) {
  const std::string name = printable_name(table.definition);
  if (!table.stands_for.empty()) {
    return fmt::format("# {}: a working table of a schema change of {}, and under its rules\n", name,
                       comment_text(table.stands_for));
  }
  if (table.unreadable) {
    if (table.code == 0) return fmt::format("# {}: its definition cannot be read; it does not leave\n", name);
    return fmt::format("# {}: the account cannot read its definition (server error {}); it does not leave\n", name,
                       table.code);
  }
  if (!table.nameable()) {
    return fmt::format("# {}: no rule file can name it (a control character or a wildcard); it does not leave\n", name);
  }
  std::string text = fmt::format("# {}: {}\n", name, judged_by(table));
  if (!table.held_back.empty()) text += fmt::format("# It does not leave: {}.\n", table.held_back);
  text += fmt::format("[[table]]\nname = {}\ncolumn_default = \"drop\"\n[table.columns]\n",
                      toml_text(rule_name(table.definition.database, table.definition.table)));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].written) {
      text += column_line(table, i) + "\n";
    } else {
      text += fmt::format("# {}: no rule file can name it (a control character or a wildcard); it is dropped\n",
                          comment_text(table.definition.columns[i].name));
    }
  }
  return text;
}

std::string key_line(std::string_view key) {
  return fmt::format("{} = {{ file = {} }}  # 32 bytes or more: openssl rand -out {} 32, chmod 600\n", toml_key(key),
                     toml_text(std::string(key) + ".key"), comment_text(std::string(key) + ".key"));
}

std::string rule_file_text(const std::vector<TableDraft>& tables, std::string_view key) {
  std::string text =
      "# Proposed by `binlog-relay discover`. Nothing here is decided before a person has read it: a name or a sample\n"
      "# cannot tell everything that a column holds. What nothing is known of is dropped; `check` shows what would\n"
      "# leave.\n\n"
      "[defaults]\ntable = \"deny\"\ncolumn = \"drop\"\n\n[keys]\n" +
      key_line(key);
  for (const TableDraft& table : tables) text += "\n" + table_text(table);
  return text;
}

}  // namespace relay::seed
