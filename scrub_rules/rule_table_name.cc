#include "scrub_rules/rule_table_name.h"

#include <algorithm>
#include <cstddef>

namespace relay::scrub_rules {

namespace {

using base::ErrorKind;

// Characters of an identifier (MySQL manual, "Identifier Length Limits").
constexpr std::ptrdiff_t kMaximumCharacters = 64;

// Takes one part off the front of `rest`, up to a dot or the end.
base::Result<std::string> take_part(std::string_view& rest) {
  std::string part;
  if (rest.empty() || rest.front() != '`') {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    part = rest.substr(0, dot);
    rest.remove_prefix(dot);
    if (part.find('`') != std::string::npos) {
      return base::fail(ErrorKind::configuration, "a back-tick stands inside a name");
    }
    return part;
  }
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const bool tick = rest.front() == '`';
    if (tick && (rest.size() < 2 || rest[1] != '`')) {
      rest.remove_prefix(1);
      return part;
    }
    part += rest.front();
    rest.remove_prefix(tick ? 2 : 1);
  }
  return base::fail(ErrorKind::configuration, "a back-tick is not closed");
}

}  // namespace

base::Result<void> check_identifier(std::string_view name) {
  const auto characters =
      std::ranges::count_if(name, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  if (name.empty()) return base::fail(ErrorKind::configuration, "a name is empty");
  if (characters > kMaximumCharacters) {
    return base::fail(ErrorKind::configuration, "a name is longer than 64 characters");
  }
  const bool control =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control) return base::fail(ErrorKind::configuration, "a name holds a control character");
  if (name.back() == ' ') return base::fail(ErrorKind::configuration, "a name ends with a space");
  return {};
}

base::Result<RuleTableName> parse_rule_table_name(std::string_view text) {
  RuleTableName name;
  RELAY_ASSIGN(name.database, take_part(text));
  if (text.empty() || text.front() != '.') {
    return base::fail(ErrorKind::configuration, "the name is not of the form database.table");
  }
  text.remove_prefix(1);
  RELAY_ASSIGN(name.table, take_part(text));
  if (!text.empty()) return base::fail(ErrorKind::configuration, "the name is not of the form database.table");
  RELAY_TRY(check_identifier(name.database));
  RELAY_TRY(check_identifier(name.table));
  return name;
}

}  // namespace relay::scrub_rules
