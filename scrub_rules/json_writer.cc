#include "scrub_rules/json_writer.h"

#include <limits>
#include <optional>

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using binlog::JsonType;
using Fate = JsonSelection::Fate;
using NodeKind = JsonSelection::Kind;

constexpr std::uint64_t kSmallLimit = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kLargeLimit = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kSmallWidth = 2;  // bytes of counts, sizes and places
constexpr std::size_t kLargeWidth = 4;
constexpr std::size_t kKeptContainers = std::size_t{1} << 16;  // containers whose memory stays reserved

NodeKind kind_of(JsonType type) {
  if (binlog::is_json_object(type)) return NodeKind::object;
  return binlog::is_json_array(type) ? NodeKind::array : NodeKind::scalar;
}

// An inlined value fills its entry; servers extend the sign of a number.
std::uint64_t inlined_number(const binlog::JsonValue& value) {
  std::uint64_t number = 0;
  for (std::size_t i = value.data.size(); i-- > 0;) number = number << 8 | value.data[i];
  const bool negative = (value.type == JsonType::int16 || value.type == JsonType::int32) && value.data.size() > 0 &&
                        (value.data[value.data.size() - 1] & 0x80U) != 0;
  return negative ? number | ~std::uint64_t{0} << (8 * value.data.size()) : number;
}

}  // namespace

class JsonWriter::Children {
 public:
  explicit Children(const Part& part) : node_(part.node) {
    if (node_ == nullptr) container_.emplace(part.value);
  }
  [[nodiscard]] std::uint32_t count() const {
    return node_ != nullptr ? static_cast<std::uint32_t>(node_->children.size()) : container_->count();
  }
  [[nodiscard]] ByteView key(std::uint32_t index) const {
    return node_ != nullptr ? node_->children[index].key : container_->key(index);
  }
  [[nodiscard]] Part value(std::uint32_t index) const {
    return node_ != nullptr ? part_of(node_->children[index]) : Part{container_->value(index)};
  }

 private:
  const JsonNode* node_;
  std::optional<binlog::JsonContainer> container_;
};

JsonWriter::Part JsonWriter::part_of(const JsonNode& node) {
  return {{node.type, node.data}, node.opened ? &node : nullptr};
}

JsonWriter::Step JsonWriter::step(JsonSelection::State state, const Part& part) const {
  return selection_ == nullptr ? Step{Fate::whole} : selection_->enter(state, kind_of(part.value.type));
}

template <typename Each>
void JsonWriter::for_each_leaving(const Part& parent, const Children& children, const Step& at, Each each) const {
  const bool object = binlog::is_json_object(parent.value.type);
  for (std::uint32_t i = 0; i < children.count(); ++i) {
    const Part child = children.value(i);
    Step there = at;
    if (at.fate != Fate::whole) {
      there =
          step(object ? selection_->member(at.state, children.key(i).text()) : selection_->element(at.state, i), child);
    }
    if (there.fate != Fate::gone) each(i, child, there);
  }
}

base::Result<void> JsonWriter::write(const JsonNode& root, const JsonSelection* selection, Buffer& into) {
  selection_ = selection;
  measured_.clear();
  if (measured_.capacity() > kKeptContainers) measured_.shrink_to_fit();
  next_ = 0;
  failed_ = false;
  const Part part = part_of(root);
  const Step at = step(JsonSelection::root(), part);
  if (at.fate == Fate::gone) {
    into.append_u8(static_cast<std::uint8_t>(JsonType::literal));
    into.append_u8(binlog::kJsonNull);
    return {};
  }
  measure(part, at, 0);
  if (failed_) {
    return base::fail(base::Error(base::ErrorKind::unsupported, "a JSON document is nested too deeply, or too long")
                          .remedy("drop or null the column"));
  }
  into.append_u8(static_cast<std::uint8_t>(type_to_write(part)));
  write_data(part, at, into);
  return {};
}

std::uint64_t JsonWriter::measure(const Part& part, const Step& at, std::size_t depth) {
  if (kind_of(part.value.type) == NodeKind::scalar) return part.value.data.size();
  if (depth == binlog::kMaximumJsonDepth || failed_) {
    failed_ = true;
    return 0;
  }
  const std::size_t slot = measured_.size();
  measured_.push_back({});
  const Children children(part);
  const bool object = binlog::is_json_object(part.value.type);
  std::uint32_t count = 0;
  // Both forms: a key's entry has a place and two bytes, a value's a type and a place.
  std::uint64_t small = 2 * kSmallWidth;
  std::uint64_t large = 2 * kLargeWidth;
  bool holds_large = false;
  for_each_leaving(part, children, at, [&](std::uint32_t index, const Part& child, const Step& there) {
    ++count;
    const std::uint64_t key = object ? 2 + children.key(index).size() : 0;
    const std::size_t child_slot = measured_.size();
    const std::uint64_t size = measure(child, there, depth + 1);
    holds_large = holds_large || (child_slot < measured_.size() && measured_[child_slot].large);
    small += key + (object ? kSmallWidth : 0) + binlog::kJsonTypeSize + kSmallWidth;
    large += key + (object ? kLargeWidth : 0) + binlog::kJsonTypeSize + kLargeWidth;
    if (!binlog::is_json_inlined(child.value.type, false)) small += size;
    if (!binlog::is_json_inlined(child.value.type, true)) large += size;
  });
  // As servers do it, what holds a large container is large itself.
  const bool fits = !holds_large && small <= kSmallLimit && count <= kSmallLimit;
  if (!fits && large > kLargeLimit) failed_ = true;
  measured_[slot] = {.size = fits ? small : large, .count = count, .large = !fits};
  return measured_[slot].size;
}

JsonType JsonWriter::type_to_write(const Part& part) const {
  const NodeKind kind = kind_of(part.value.type);
  if (kind == NodeKind::scalar) return part.value.type;
  const bool large = measured_[next_].large;
  if (kind == NodeKind::object) return large ? JsonType::large_object : JsonType::small_object;
  return large ? JsonType::large_array : JsonType::small_array;
}

void JsonWriter::write_data(const Part& part, const Step& at, Buffer& into) {
  if (kind_of(part.value.type) == NodeKind::scalar) return into.append(part.value.data);
  const Measured measured = measured_[next_++];
  const std::size_t width = measured.large ? kLargeWidth : kSmallWidth;
  const bool object = binlog::is_json_object(part.value.type);
  const std::size_t start = into.size();
  into.append_little_endian(measured.count, width);
  into.append_little_endian(measured.size, width);
  std::size_t entry = into.size();
  into.append_fill(measured.count * ((object ? width + 2 : 0) + binlog::kJsonTypeSize + width), 0);
  const Children children(part);
  // A full buffer takes nothing more, and its places are not there to be set.
  const auto set = [&](std::uint64_t value, std::size_t size) {
    if (!into.overflowed()) into.patch_little_endian(entry, value, size);
    entry += size;
  };
  if (object) {
    for_each_leaving(part, children, at, [&](std::uint32_t index, const Part&, const Step&) {
      const ByteView key = children.key(index);
      set(into.size() - start, width);
      set(key.size(), 2);
      into.append(key);
    });
  }
  for_each_leaving(part, children, at, [&](std::uint32_t, const Part& child, const Step& there) {
    set(static_cast<std::uint8_t>(type_to_write(child)), binlog::kJsonTypeSize);
    if (binlog::is_json_inlined(child.value.type, measured.large)) return set(inlined_number(child.value), width);
    set(into.size() - start, width);
    write_data(child, there, into);
  });
}

}  // namespace relay::scrub_rules
