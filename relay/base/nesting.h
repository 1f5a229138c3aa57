#pragma once

#include <string_view>

// How deep a text nests, told before a library reads it that takes a piece of the stack for each level.
namespace relay::base {

// Whether a line of a TOML text has more than a thousand dots: a key may have that many parts. (Arrays and inline
// tables the library bounds by itself.)
[[nodiscard]] bool may_be_deep_toml(std::string_view text);

// Whether the arrays and objects of a JSON text stand more than a hundred deep in each other.
[[nodiscard]] bool is_deep_json(std::string_view text);

}  // namespace relay::base
