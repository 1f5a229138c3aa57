#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relay::scrub_rules {

enum class ActionKind : std::uint8_t {
  keep,
  drop,
  null,
  constant,
  hash,
  mask,
  truncate,
  date,
  round,
  ip,
  email,
  digits,
  redact,
  json
};

// What happens to a column's values.
struct Action {
  ActionKind kind = ActionKind::drop;
  // For constant: the value as the rule file writes it, UTF-8; numbers and booleans as their text.
  std::string value = {};
  std::string key = {};                      // hash, email, digits: a name of [keys]
  std::string encoding = {};                 // hash: how the pseudonym is written; empty: as the column's type asks
  std::optional<std::uint32_t> length = {};  // hash, truncate: characters, or bytes of a binary column
  bool fold = false;                         // hash, email: capitals make no difference
  std::uint32_t keep_first = 0;              // mask: characters
  std::uint32_t keep_last = 0;               // mask: characters
  std::string with = "*";                    // mask, redact: one character, UTF-8
  std::vector<std::string> patterns = {};    // redact: names of detectors, /regular expressions/; none: all detectors
  std::vector<std::string> keep = {};        // json: paths of what leaves; or
  std::vector<std::string> remove = {};      // json: paths of what does not
  std::string to = {};                       // date: "year", "month", "day"; round: a number as the file writes it
  std::uint32_t prefix4 = 24;                // ip: bits that stay, 0 to 32
  std::uint32_t prefix6 = 48;                // ip: bits that stay, 0 to 128
  friend bool operator==(const Action&, const Action&) = default;

  // Whether what leaves is made of the value itself.
  [[nodiscard]] bool computes() const { return kind >= ActionKind::hash; }
  // Whether the column leaves, with other values.
  [[nodiscard]] bool replaces() const { return kind >= ActionKind::null; }
  [[nodiscard]] bool keyed() const {
    return kind == ActionKind::hash || kind == ActionKind::email || kind == ActionKind::digits;
  }
};

}  // namespace relay::scrub_rules
