#include "scrub_rules/action_example.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/readable_value.h"
#include "scrub_rules/rule_file_words.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;

// Tried in this order: the first that the column holds is the example.
std::array<std::string_view, 4> samples_for(const Action& action, CellKind kind) {
  switch (kind) {
    case CellKind::integer:
      return {action.kind == ActionKind::ip ? "3221225985" : "123456", "12345", "123", "12"};
    case CellKind::decimal:
      return {"1234.56", "12.34", "5", "0.1"};
    case CellKind::floating:
      return {"1234.5", "1", "0", "0"};
    case CellKind::year:
      return {"1987", "2000", "0", "0"};
    case CellKind::bits:
      return {"100", "0", "0", "0"};
    case CellKind::temporal:
      return {"1987-06-05 13:14:15", "1987-06-05", "13:14:15", "00:00:00"};
    case CellKind::inet4:
      return {"192.0.2.129", "0.0.0.0", "0.0.0.0", "0.0.0.0"};
    case CellKind::inet6:
      return {"2001:db8:1:2::3", "::", "::", "::"};
    case CellKind::uuid:
      return {"123e4567-e89b-42d3-a456-426655440001", "", "", ""};
    case CellKind::bytes:
      if (action.kind == ActionKind::ip) return {"0xc0000281", "0x20010db8000100020000000000000003", "", ""};
      return {"0x00112233445566", "0x0011", "0x00", ""};
    default:
      break;
  }
  if (action.kind == ActionKind::redact) {
    return {"fnr. 15108695088, ring 22 33 44 55", "ring 22 33 44 55", "22334455", ""};
  }
  if (action.kind == ActionKind::email) return {"kari.nordmann@firma.example", "kari@firma.example", "k@a.example", ""};
  if (action.kind == ActionKind::ip) return {"192.0.2.129", "192.0.2.1", "", ""};
  if (action.kind == ActionKind::digits || action.encoding == "digits")
    return {"+47 22 33 44 55", "22334455", "1234", ""};
  if (action.kind == ActionKind::hash && !action.encoding.empty() && action.encoding.find("int") != std::string::npos) {
    return {"123", "12", "1", ""};
  }
  return {"Kari Nordmann", "Kari", "K", ""};
}

// The cell of a sample; empty where the column holds none of them.
base::Buffer sample_cell(const Action& action, const ColumnTraits& column) {
  base::Buffer cell;
  for (const std::string_view sample : samples_for(action, cell_kind(column))) {
    if (encode_constant(column, sample, cell)) return cell;
    cell.clear();
  }
  return cell;
}

}  // namespace

base::Result<std::string> action_example(const Action& action, const ColumnTraits& column, std::string_view collation,
                                         const KeyRing& keys) {
  RELAY_ASSIGN(const std::shared_ptr<CellTransform> transform, CellTransform::make(action, column, collation, keys));
  // The paths say what leaves.
  if (action.kind == ActionKind::json) return std::string();
  const base::Buffer before = sample_cell(action, column);
  if (before.size() == 0) return std::string();
  base::Buffer after;
  RELAY_TRY(transform->apply(before.view(), after));
  const std::size_t prefix = cell_prefix_width(column);
  return fmt::format("{} -> {}", readable(column, before.view().sub(prefix)),
                     readable(column, after.view().sub(prefix)));
}

std::string computed_action_text(const Action& action) {
  std::string text(kActions[static_cast<std::size_t>(action.kind)]);
  std::string more;
  if (action.keyed()) more = action.key.empty() ? "a key that no [keys] has" : "key " + printable(action.key);
  if (!action.encoding.empty()) more += ", " + action.encoding;
  if (action.fold) more += ", fold";
  if (!action.to.empty()) more = "to " + action.to;
  const bool keeps = !action.keep.empty();
  for (const std::string& path : keeps ? action.keep : action.remove) {
    more += (!more.empty() ? ", " : keeps ? "keep " : "remove ") + printable(path);
  }
  return more.empty() ? text : fmt::format("{} ({})", text, more);
}

}  // namespace relay::scrub_rules
