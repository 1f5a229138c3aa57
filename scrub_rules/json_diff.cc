#include "scrub_rules/json_diff.h"

#include <algorithm>

#include "relay/base/byte_reader.h"
#include "scrub_rules/json_path.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using Children = std::vector<JsonNode>;
using LegKind = JsonLeg::Kind;

// sql/json_diff.h, enum_json_diff_operation.
enum class Operation : std::uint8_t { replace = 0, insert = 1, remove = 2 };

tl::unexpected<base::Error> unfit() {
  return base::fail(
      base::Error(base::ErrorKind::malformed, "a partial update of a JSON column does not fit its document")
          .remedy("set binlog_row_value_options='' at the source, and write the row again"));
}

void open(JsonNode& node) {
  if (node.opened) return;
  const binlog::JsonContainer container({node.type, node.data});
  const bool object = binlog::is_json_object(node.type);
  node.children.reserve(container.count());
  for (std::uint32_t i = 0; i < container.count(); ++i) {
    JsonNode& child = node.children.emplace_back(container.value(i));
    if (object) child.key = container.key(i);
  }
  node.opened = true;
}

bool before(ByteView a, ByteView b) { return a.size() != b.size() ? a.size() < b.size() : a.text() < b.text(); }

// Where a member or element is among the children of `node`, or would be; none where the node has no such ones.
std::optional<Children::iterator> place_of(JsonNode& node, const JsonLeg& leg) {
  if (leg.kind == LegKind::member && binlog::is_json_object(node.type)) {
    open(node);
    return std::ranges::lower_bound(node.children, ByteView::of(leg.name), before, &JsonNode::key);
  }
  if (leg.kind == LegKind::element && binlog::is_json_array(node.type)) {
    open(node);
    // What counts back beyond the first element is before it (sql-common/json_path.h, Json_array_index).
    const std::size_t count = node.children.size();
    const std::size_t at = std::min<std::size_t>(leg.index, count);
    const std::size_t back = at < count ? count - 1 - at : 0;
    return node.children.begin() + static_cast<std::ptrdiff_t>(leg.from_end ? back : at);
  }
  return std::nullopt;
}

bool is_there(const JsonNode& node, Children::iterator place, const JsonLeg& leg) {
  if (leg.kind == LegKind::element) return leg.index < node.children.size();
  return place != node.children.end() && place->key == ByteView::of(leg.name);
}

// The container that the last leg of `path` is one of; null where there is none.
JsonNode* container_of(JsonNode& root, const JsonPath& path) {
  JsonNode* node = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto place = place_of(*node, path[i]);
    if (!place || !is_there(*node, *place, path[i])) return nullptr;
    node = &**place;
  }
  return node;
}

bool carry_out(Operation operation, const JsonPath& path, JsonNode& root, JsonNode value,
               std::deque<std::string>& names) {
  JsonNode* const node = container_of(root, path);
  if (node == nullptr) return false;
  const JsonLeg& leg = path.back();
  const auto place = place_of(*node, leg);
  if (!place) return false;
  const bool exists = is_there(*node, *place, leg);
  if (operation == Operation::insert) {
    // Elements move on; a member is a new one.
    if (leg.kind == LegKind::member && exists) return false;
    if (leg.kind == LegKind::member) value.key = ByteView::of(names.emplace_back(leg.name));
    node->children.insert(*place, std::move(value));
    return true;
  }
  if (!exists) return false;
  if (operation == Operation::remove) {
    node->children.erase(*place);
  } else {
    value.key = (*place)->key;
    **place = std::move(value);
  }
  return true;
}

}  // namespace

base::Result<void> apply_json_diffs(ByteView diffs, JsonNode& root, std::deque<std::string>& names) {
  base::ByteReader reader(diffs);
  while (reader.remaining() > 0) {
    const auto operation = static_cast<Operation>(reader.u8());
    const ByteView text = reader.length_encoded_bytes();
    if (operation > Operation::remove) return unfit();
    const ByteView bytes = operation == Operation::remove ? ByteView() : reader.length_encoded_bytes();
    if (!reader.ok()) return unfit();
    const auto path = parse_json_update_path(text.text());
    if (!path || path->size() > binlog::kMaximumJsonDepth) return unfit();
    RELAY_ASSIGN(const binlog::JsonValue value, binlog::read_json_document(bytes));
    if (!carry_out(operation, *path, root, JsonNode(value), names)) return unfit();
  }
  if (!reader.ok()) return unfit();
  return {};
}

}  // namespace relay::scrub_rules
