#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"

namespace relay::scrub_rules {

// One step of a JSON path, from a value to values inside it.
struct JsonLeg {
  enum class Kind : std::uint8_t {
    member,       // .name
    any_member,   // .*
    element,      // [0]
    any_element,  // [*]
    any_depth,    // **: no step, one or many
  };
  Kind kind = Kind::member;
  std::string name = {};    // member: UTF-8, as it is behind escapes
  std::uint32_t index = 0;  // element
  bool from_end = false;    // element, of a partial update alone: `index` counts back from the last one
  friend bool operator==(const JsonLeg&, const JsonLeg&) = default;
};

using JsonPath = std::vector<JsonLeg>;

// Reads a path as MySQL and MariaDB write it: $.name, $."any name" (with the escapes of JSON), $[0], .*, [*], and **
// before a member. Errors: configuration, with a remedy: another form; ranges and `last`; `$` alone.
[[nodiscard]] base::Result<JsonPath> parse_json_path(std::string_view text);
// The same of a partial update, in which servers also write [last] and [last-1] where the statement did.
[[nodiscard]] base::Result<JsonPath> parse_json_update_path(std::string_view text);
// Whether every value that `path` leads to is one that `other` leads to, or inside one; as far as the paths alone tell.
// Paths with ** cover nothing but themselves.
[[nodiscard]] bool covers(const JsonPath& other, const JsonPath& path);
// Checks the paths of one rule. Errors: configuration, as parse_json_path(), and where one path is covered by another.
// `at` is the path at fault.
[[nodiscard]] base::Result<std::vector<JsonPath>> parse_json_paths(const std::vector<std::string>& texts,
                                                                   std::size_t& at);

}  // namespace relay::scrub_rules
