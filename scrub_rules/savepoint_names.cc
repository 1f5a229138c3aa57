#include "scrub_rules/savepoint_names.h"

#include <algorithm>
#include <optional>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

using sql::StatementKind;

// MYSQL_BIN_LOG's binlog_savepoint_set and binlog_savepoint_rollback write the first two.
std::string_view verb(StatementKind kind) {
  switch (kind) {
    case StatementKind::savepoint:
      return "SAVEPOINT ";
    case StatementKind::rollback_to_savepoint:
      return "ROLLBACK TO ";
    default:
      return "RELEASE SAVEPOINT ";
  }
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         byte == '_' || byte == '$';
}

// The identifier that `text` wholly is: plain, or quoted with the quotes inside doubled.
std::optional<std::string> identifier(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char quote = text[0];
  if (quote != '`' && quote != '"') {
    return std::ranges::all_of(text, is_plain) ? std::optional<std::string>(text) : std::nullopt;
  }
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (i + 1 == text.size()) return name;
      if (text[++i] != quote) return std::nullopt;
    }
    name += text[i];
  }
  return std::nullopt;
}

}  // namespace

base::Result<std::string> SavepointNames::rename(StatementKind kind, std::string_view text) {
  std::optional<std::string> name;
  if (text.starts_with(verb(kind))) name = identifier(text.substr(verb(kind).size()));
  if (!name) {
    return base::fail(base::ErrorKind::unsupported, "a savepoint is not in the form in which servers write it");
  }
  const std::string key = sql::folded(*name);
  if (!names_.contains(key)) {
    if (kind != StatementKind::savepoint) {
      return base::fail(base::ErrorKind::unsupported, "a savepoint is named that was never set");
    }
    const std::string other = "s" + std::to_string(names_.size() + 1);
    names_.emplace(key, other);
  }
  return std::string(verb(kind)) + "`" + names_[key] + "`";
}

}  // namespace relay::scrub_rules
