#pragma once

#include <cstddef>
#include <string_view>

namespace relay::scrub_rules {

// Names in rules: `*` stands for any run of characters, `?` for one character of UTF-8.

[[nodiscard]] bool has_wildcard(std::string_view pattern);
// `fold_case` compares as servers with lower_case_table_names > 0 do.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view name, bool fold_case);
// Whether some name fits both patterns.
[[nodiscard]] bool patterns_overlap(std::string_view a, std::string_view b, bool fold_case);

// How exact a pattern is: fewer wildcards win, then more literal characters.
struct Exactness {
  std::size_t wildcards = 0;
  std::size_t literals = 0;
  // Sums those of a database's and a table's pattern.
  [[nodiscard]] static Exactness of(std::string_view database, std::string_view table);
  [[nodiscard]] bool beats(const Exactness& other) const {
    return wildcards != other.wildcards ? wildcards < other.wildcards : literals > other.literals;
  }
  friend bool operator==(const Exactness&, const Exactness&) = default;
};

// mysql, sys, information_schema, performance_schema: whatever the case, since a server may fold it.
[[nodiscard]] bool is_system_schema(std::string_view database);

}  // namespace relay::scrub_rules
