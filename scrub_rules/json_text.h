#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "scrub_rules/json_selection.h"

namespace relay::scrub_rules {

// Takes the parts of a text that leave, in order: bytes from `begin` to before `end`.
class JsonTextParts {
 public:
  virtual ~JsonTextParts() = default;
  virtual void part(std::size_t begin, std::size_t end) = 0;
};

enum class JsonTextFate : std::uint8_t {
  no_json,  // what was taken is of no use
  gone,     // nothing was taken
  selected,
};

// Reads `text` once, as RFC 8259 has it, and hands what `selection` lets leave to `parts`, which in a row are a
// document again: every value as it is written, containers on the way without spaces. Members of one name are judged
// one by one, names by what their escapes mean. no_json: also where containers are nested more deeply than 100, half
// characters in \u escapes, and bytes behind the document. REQUIRES: `text` is UTF-8. `scratch` is used for names.
[[nodiscard]] JsonTextFate select_json_text(std::string_view text, const JsonSelection& selection, JsonTextParts& parts,
                                            std::string& scratch);

}  // namespace relay::scrub_rules
