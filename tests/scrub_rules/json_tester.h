#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_tester.h"

namespace relay::scrub_rules::testing {

// The action with the paths of `which`, "keep" or "remove".
[[nodiscard]] inline std::shared_ptr<CellTransform> json_action(const std::string& which,
                                                                const std::vector<std::string>& paths,
                                                                const Column& column) {
  Parsed rule;
  rule.action.kind = ActionKind::json;
  (which == "keep" ? rule.action.keep : rule.action.remove) = paths;
  return made(rule, column);
}

// A cell of a JSON or LONGTEXT column.
[[nodiscard]] inline std::string document_cell(std::string_view document) {
  std::string cell;
  for (int shift = 0; shift < 32; shift += 8) cell += static_cast<char>(document.size() >> shift);
  return cell += document;
}

// A cell of a TEXT column.
[[nodiscard]] inline std::string text_cell(std::string_view text) {
  return std::string{static_cast<char>(text.size()), static_cast<char>(text.size() >> 8)} += text;
}
[[nodiscard]] inline std::string text_after(const std::string& which, const std::vector<std::string>& paths,
                                            std::string_view text) {
  return applied(*json_action(which, paths, column_of("text")), text_cell(text)).substr(2);
}

}  // namespace relay::scrub_rules::testing
