#include "scrub_rules/name_pattern.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

constexpr std::array<std::string_view, 4> kSystemSchemas = {"mysql", "sys", "information_schema", "performance_schema"};

// The bytes of the character that starts at `at`: a lead byte and its trail bytes.
std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
  return end - at;
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < text.size(); at += all.back().size()) {
    all.push_back(text.substr(at, character_size(text, at)));
  }
  return all;
}

// Goes back to the last star whenever a literal fails, which suffices: what an earlier star took can stay.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      n += character_size(name, n);
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      resume += character_size(name, resume);
      n = resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// reached[i][j]: some text fits the first i characters of a and the first j of b.
bool overlap(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::vector<std::vector<bool>> reached(a.size() + 1, std::vector<bool>(b.size() + 1, false));
  reached[0][0] = true;
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (!reached[i][j]) continue;
      const bool star_a = i < a.size() && a[i] == "*";
      const bool star_b = j < b.size() && b[j] == "*";
      if (star_a) reached[i + 1][j] = true;
      if (star_b) reached[i][j + 1] = true;
      if (i == a.size() || j == b.size()) continue;
      if (star_a) {
        reached[i][j + 1] = true;
      } else if (star_b) {
        reached[i + 1][j] = true;
      } else if (a[i] == "?" || b[j] == "?" || a[i] == b[j]) {
        reached[i + 1][j + 1] = true;
      }
    }
  }
  return reached[a.size()][b.size()];
}

}  // namespace

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of("*?") != std::string_view::npos; }

bool name_matches(std::string_view pattern, std::string_view name, bool fold_case) {
  return fold_case ? matches(sql::folded(pattern), sql::folded(name)) : matches(pattern, name);
}

bool patterns_overlap(std::string_view a, std::string_view b, bool fold_case) {
  if (!fold_case) return overlap(characters(a), characters(b));
  const std::string folded_a = sql::folded(a);
  const std::string folded_b = sql::folded(b);
  return overlap(characters(folded_a), characters(folded_b));
}

Exactness Exactness::of(std::string_view database, std::string_view table) {
  Exactness exactness;
  for (const std::string_view pattern : {database, table}) {
    const auto wildcards =
        static_cast<std::size_t>(std::ranges::count_if(pattern, [](char c) { return c == '*' || c == '?'; }));
    exactness.wildcards += wildcards;
    exactness.literals += characters(pattern).size() - wildcards;
  }
  return exactness;
}

bool is_system_schema(std::string_view database) {
  return std::ranges::find(kSystemSchemas, sql::folded(database)) != kSystemSchemas.end();
}

}  // namespace relay::scrub_rules
