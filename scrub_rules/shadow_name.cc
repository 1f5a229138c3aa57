#include "scrub_rules/shadow_name.h"

#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kMostUnderscores = 10;   // pt-online-schema-change tries as many names
constexpr std::size_t kTimestampDigits = 14;   // gh-ost --timestamp-old-table: year to second
constexpr std::size_t kLongestTableName = 64;  // NAME_CHAR_LEN; gh-ost cuts names to as many bytes
constexpr std::string_view kSetAside = "_del";

struct Suffix {
  std::string_view text;
  ShadowName::Role role;
  std::size_t underscores;  // the most that stand before the table's name
};
constexpr std::array<Suffix, 6> kSuffixes = {{{"_gho", ShadowName::Role::copy, 1},
                                              {kSetAside, ShadowName::Role::copy, 1},
                                              {"_ghc", ShadowName::Role::journal, 1},
                                              {"_ghk", ShadowName::Role::journal, 1},
                                              {"_new", ShadowName::Role::copy, kMostUnderscores},
                                              {"_old", ShadowName::Role::copy, kMostUnderscores}}};

bool ends_with_name(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && sql::equal_names(name.substr(name.size() - suffix.size()), suffix);
}

// Empty when there is no time behind the name.
std::string_view without_timestamp(std::string_view name) {
  if (name.size() <= kTimestampDigits + 1) return {};
  const std::string_view digits = name.substr(name.size() - kTimestampDigits);
  const bool all = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  const std::string_view rest = name.substr(0, name.size() - kTimestampDigits);
  return all && rest.back() == '_' ? rest.substr(0, rest.size() - 1) : std::string_view();
}

}  // namespace

std::optional<ShadowName> shadow_name(std::string_view table) {
  const auto* suffix =
      std::ranges::find_if(kSuffixes, [&](const Suffix& each) { return ends_with_name(table, each.text); });
  if (suffix == kSuffixes.end()) return std::nullopt;
  const std::string_view name = table.substr(0, table.size() - suffix->text.size());
  ShadowName shadow{suffix->role, {}, table.size() >= kLongestTableName};
  for (std::size_t i = 1; i <= suffix->underscores && i < name.size() && name[i - 1] == '_'; ++i) {
    const std::string_view base = name.substr(i);
    shadow.bases.emplace_back(base);
    const std::string_view earlier = suffix->text == kSetAside ? without_timestamp(base) : std::string_view();
    if (!earlier.empty()) shadow.bases.emplace_back(earlier);
  }
  if (shadow.bases.empty()) return std::nullopt;
  return shadow;
}

bool is_set_aside_name(std::string_view table) {
  return ends_with_name(table, kSetAside) && shadow_name(table).has_value();
}

}  // namespace relay::scrub_rules
