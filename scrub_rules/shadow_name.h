#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay::scrub_rules {

// What a table's name says of it: tools for online schema changes name their working tables after the table that they
// change.
struct ShadowName {
  enum class Role : std::uint8_t {
    copy,  // holds, or held, the rows of the table: _t_gho, _t_del (gh-ost), _t_new, _t_old (pt-online-schema-change)
    journal,  // notes of the tool itself: _t_ghc, _t_ghk (gh-ost)
  };
  Role role = Role::copy;
  // Names that the changed table may have, likeliest first; never empty. pt-online-schema-change puts up to ten
  // underscores before the name, and gh-ost may put the time of its start behind it.
  std::vector<std::string> bases;
  // The name is as long as names get, so that `bases` may be cut short behind.
  bool cut = false;
};

// None for a name that is no tool's.
[[nodiscard]] std::optional<ShadowName> shadow_name(std::string_view table);

// Whether the name is that under which gh-ost puts the old table aside. It makes an empty table of this name first, to
// hold the place.
[[nodiscard]] bool is_set_aside_name(std::string_view table);

}  // namespace relay::scrub_rules
