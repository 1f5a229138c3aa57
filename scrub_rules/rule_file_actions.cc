#include "scrub_rules/rule_file_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scrub_rules/json_selection.h"
#include "scrub_rules/pseudonym_form.h"

namespace relay::scrub_rules {

std::size_t offset_of(std::string_view text, const toml::source_position& place) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (std::uint32_t column = 1; at < text.size() && column < place.column; ++column) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U);
  }
  return at;
}

void refuse_unknown_keys(RuleFileLog& log, const toml::table& table, Words known) {
  for (auto&& [key, node] : table) {
    if (index_in(known, key.str())) continue;
    log.unknown_key(line_of(key), key.str(), known);
  }
}

void read_flag(RuleFileLog& log, const toml::table& table, std::string_view key, bool& into) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return;
  if (const auto flag = node->value_exact<bool>()) {
    into = *flag;
  } else {
    log.problem(line_of(*node), fmt::format("{} is neither true nor false", key), "write true or false without quotes");
  }
}

bool ActionReader::read(const toml::node& node, ColumnRule& column) {
  if (const toml::table* table = node.as_table()) return read_table(*table, column);
  const auto word = node.value_exact<std::string_view>();
  if (!word) {
    problem(node, "is no action", "write \"keep\", \"drop\", \"null\" or { action = ... }");
    return false;
  }
  if (!read_name(*word, line_of(node), column.action.kind)) return false;
  if (column.action.kind != ActionKind::constant) return is_whole(column);
  problem(node, "constant has no value", "write { action = \"constant\", value = ... }");
  return false;
}

bool ActionReader::read_name(std::string_view word, std::uint32_t line, ActionKind& kind) {
  if (const auto index = index_in(kActions, word)) {
    kind = static_cast<ActionKind>(*index);
    return true;
  }
  // The word itself may be a value that went to the wrong place: it is not repeated.
  log_.problem(line, "is no known action", suggestion(word, kActions));
  return false;
}

bool ActionReader::read_table(const toml::table& table, ColumnRule& column) {
  const toml::node* action = table.get("action");
  const auto word = action != nullptr ? action->value_exact<std::string_view>() : std::nullopt;
  if (!word) {
    log_.problem(action != nullptr ? line_of(*action) : column.line, "names no action",
                 "write { action = \"keep\" }; a column's name that holds a dot stands in quotes");
    return false;
  }
  if (!read_name(*word, line_of(*action), column.action.kind)) return false;
  if (column.action.computes()) return read_options(table, column);
  refuse_unknown_keys(log_, table, kColumnKeys);
  read_flag(log_, table, "optional", column.optional);
  const toml::node* value = table.get("value");
  if (column.action.kind == ActionKind::constant) {
    if (value != nullptr) return read_value(*value, column.action.value);
    log_.problem(column.line, "constant has no value", "add value = ...");
    return false;
  }
  if (value == nullptr) return true;
  problem(*value, "value stands with an action that takes none", "remove it, or write action = \"constant\"");
  return false;
}

// What has no option that it cannot do without.
bool ActionReader::is_whole(const ColumnRule& column) {
  const Action& action = column.action;
  const auto lacks = [&](std::string_view option, std::string_view example) {
    log_.problem(
        column.line, fmt::format("{} has no {}", kActions[static_cast<std::size_t>(action.kind)], option),
        fmt::format("write {{ action = \"{}\", {} }}", kActions[static_cast<std::size_t>(action.kind)], example));
    return false;
  };
  if (action.keyed() && action.key.empty()) return lacks("key", "key = \"name\"");
  if (action.kind == ActionKind::truncate && !action.length) return lacks("length", "length = 3");
  if (action.kind == ActionKind::date && action.to.empty()) return lacks("to", "to = \"month\"");
  if (action.kind == ActionKind::round && action.to.empty()) return lacks("to", "to = 100");
  if (action.kind == ActionKind::json && action.keep.empty() && action.remove.empty()) {
    return lacks("keep and no remove", "keep = [\"$.name\"]");
  }
  return true;
}

namespace {

// Whether `node` is a list of at least one text.
bool read_list(const toml::node& node, std::vector<std::string>& into) {
  const toml::array* const list = node.as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (auto text = list->get(i)->value_exact<std::string>()) into.push_back(std::move(*text));
  }
  return list != nullptr && !list->empty() && into.size() == list->size();
}

Words options_of(ActionKind kind) {
  static constexpr std::array<std::string_view, 6> kHash = {"action", "optional", "key", "length", "encoding", "fold"};
  static constexpr std::array<std::string_view, 5> kMask = {"action", "optional", "keep_first", "keep_last", "with"};
  static constexpr std::array<std::string_view, 3> kTruncate = {"action", "optional", "length"};
  static constexpr std::array<std::string_view, 3> kTo = {"action", "optional", "to"};
  static constexpr std::array<std::string_view, 4> kIp = {"action", "optional", "prefix4", "prefix6"};
  static constexpr std::array<std::string_view, 4> kEmail = {"action", "optional", "key", "fold"};
  static constexpr std::array<std::string_view, 4> kRedact = {"action", "optional", "patterns", "with"};
  static constexpr std::array<std::string_view, 3> kDigits = {"action", "optional", "key"};
  static constexpr std::array<std::string_view, 4> kJson = {"action", "optional", "keep", "remove"};
  switch (kind) {
    case ActionKind::hash:
      return kHash;
    case ActionKind::mask:
      return kMask;
    case ActionKind::truncate:
      return kTruncate;
    case ActionKind::ip:
      return kIp;
    case ActionKind::email:
      return kEmail;
    case ActionKind::digits:
      return kDigits;
    case ActionKind::redact:
      return kRedact;
    case ActionKind::json:
      return kJson;
    default:
      return kTo;
  }
}

}  // namespace

bool ActionReader::read_options(const toml::table& table, ColumnRule& column) {
  Action& action = column.action;
  refuse_unknown_keys(log_, table, options_of(action.kind));
  read_flag(log_, table, "optional", column.optional);
  read_flag(log_, table, "fold", action.fold);
  std::uint32_t length = 0;
  bool good = read_text(table, "key", action.key) && read_encoding(table, action.encoding) &&
              read_text(table, "with", action.with) && read_count(table, "length", length, UINT32_MAX) &&
              read_count(table, "keep_first", action.keep_first, UINT16_MAX) &&
              read_count(table, "keep_last", action.keep_last, UINT16_MAX) &&
              read_count(table, "prefix4", action.prefix4, 32) && read_count(table, "prefix6", action.prefix6, 128);
  if (table.contains("length")) action.length = length;
  const toml::node* to = table.get("to");
  if (good && to != nullptr) good = read_to(*to, action);
  const toml::node* patterns = table.get("patterns");
  if (good && patterns != nullptr) good = read_patterns(*patterns, action);
  if (good && action.kind == ActionKind::json) good = read_paths(table, action);
  return good && is_whole(column);
}

bool ActionReader::read_text(const toml::table& table, std::string_view key, std::string& into) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return true;
  const auto text = node->value_exact<std::string>();
  if (text && !text->empty()) {
    into = *text;
    return true;
  }
  problem(*node, fmt::format("{} is no text", key), "write a text in quotes");
  return false;
}

bool ActionReader::read_encoding(const toml::table& table, std::string& into) {
  if (!read_text(table, "encoding", into)) return false;
  if (into.empty() || is_encoding(into)) return true;
  problem(*table.get("encoding"), "encoding has no such setting",
          "write one of base32, hex, base64url, digits, or an integer type such as \"int\" or \"bigint unsigned\"");
  return false;
}

bool ActionReader::read_count(const toml::table& table, std::string_view key, std::uint32_t& into, std::uint32_t most) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return true;
  const auto number = node->value_exact<std::int64_t>();
  if (number && *number >= 0 && *number <= most) {
    into = static_cast<std::uint32_t>(*number);
    return true;
  }
  problem(*node, fmt::format("{} is no number from 0 to {}", key, most), "write a whole number without quotes");
  return false;
}

bool ActionReader::read_patterns(const toml::node& node, Action& action) {
  if (read_list(node, action.patterns)) return true;
  problem(node, "patterns is no list of texts", "write patterns = [\"national-id\", \"/[A-Z]{2}[0-9]{5}/\"]");
  return false;
}

bool ActionReader::read_paths(const toml::table& table, Action& action) {
  const toml::node* const keep = table.get("keep");
  const toml::node* const remove = table.get("remove");
  if (keep != nullptr && remove != nullptr) {
    problem(*remove, "keep and remove stand with the same action",
            "write keep for what leaves and nothing else does, or remove for what does not and everything else does");
    return false;
  }
  const toml::node* const node = keep != nullptr ? keep : remove;
  if (node == nullptr) return true;  // is_whole() tells
  if (!read_list(*node, keep != nullptr ? action.keep : action.remove)) {
    problem(*node, "keep or remove is no list of JSON paths", "write keep = [\"$.name\", \"$.orders[*].id\"]");
    return false;
  }
  std::size_t at = 0;
  const auto made = JsonSelection::make(action, at);
  if (made) return true;
  problem(*node->as_array()->get(at), std::string(made.error().what()), std::string(made.error().remedy()));
  return false;
}

bool ActionReader::read_to(const toml::node& node, Action& action) {
  if (action.kind == ActionKind::date) {
    const auto word = node.value_exact<std::string>();
    if (word && index_in(kDateParts, *word)) {
      action.to = *word;
      return true;
    }
    problem(node, "to has no such setting", fmt::format("write \"{}\"", fmt::join(kDateParts, "\", \"")));
    return false;
  }
  if (node.is_string() || node.is_boolean()) {
    problem(node, "to is no number", "write a number without quotes, such as 100 or 0.5");
    return false;
  }
  return read_value(node, action.to);
}

// Exactly as the file has it: a decimal must not pass through binary floating point.
std::string ActionReader::number_as_written(const toml::node& node) const {
  const std::size_t at = offset_of(text_, node.source().begin);
  const std::size_t end = std::min(text_.find_first_not_of("0123456789abcdefABCDEFxinf+-._", at), text_.size());
  std::string number(text_.substr(at, end - at));
  std::erase(number, '_');
  return number;
}

bool ActionReader::read_value(const toml::node& node, std::string& value) {
  if (const auto text = node.value_exact<std::string>()) {
    value = *text;
  } else if (const auto flag = node.value_exact<bool>()) {
    value = *flag ? "true" : "false";
  } else if (const auto number = node.value_exact<std::int64_t>()) {
    value = number_as_written(node);
    if (!value.starts_with("0x")) value = std::to_string(*number);
  } else if (node.is_floating_point()) {
    value = number_as_written(node);
  }
  if (!value.empty() || node.is_string()) return true;
  problem(node, "value is no text, number or boolean", "write it as a text in quotes");
  return false;
}

}  // namespace relay::scrub_rules
