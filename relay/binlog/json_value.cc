#include "relay/binlog/json_value.h"

#include <array>
#include <optional>

#include "relay/base/byte_reader.h"

namespace relay::binlog {

namespace {

using base::ByteView;

constexpr std::size_t kKeyLengthSize = 2;
constexpr std::array<std::uint8_t, 3> kLiterals = {0, 1, 2};

// Two or four bytes, little-endian; 0 where there are fewer. Half of what a document takes to read.
std::uint32_t number_at(ByteView bytes, std::size_t offset, std::size_t width) {
  bytes = bytes.sub(offset, width);
  if (bytes.size() != width) return 0;
  const std::uint32_t low = bytes[0] | std::uint32_t{bytes[1]} << 8;
  return width == 2 ? low : low | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24;
}

// Where the parts of a container are.
struct Layout {
  Layout(JsonType type, std::uint32_t count)
      : object(is_json_object(type)),
        large(type == JsonType::large_object || type == JsonType::large_array),
        width(large ? 4 : 2),
        values(2 * width + (object ? std::uint64_t{count} * (width + kKeyLengthSize) : 0)),
        end(values + std::uint64_t{count} * (kJsonTypeSize + width)) {}
  [[nodiscard]] std::size_t key_entry(std::uint32_t index) const {
    return 2 * width + index * (width + kKeyLengthSize);
  }
  [[nodiscard]] std::size_t value_entry(std::uint32_t index) const {
    return static_cast<std::size_t>(values) + index * (kJsonTypeSize + width);
  }
  bool object, large;
  std::size_t width;     // of counts, sizes and places
  std::uint64_t values;  // the entries of values
  std::uint64_t end;     // of the entries
};

// Bytes of a length (seven bits in each, low ones first; the top bit says that more follow) and of what it counts. None
// where there are not as many.
std::optional<std::size_t> counted_size(ByteView data) {
  constexpr std::size_t kMostLengthBytes = 5;
  std::uint64_t length = 0;
  for (std::size_t at = 0; at < kMostLengthBytes && at < data.size(); ++at) {
    length |= std::uint64_t{data[at] & 0x7fU} << (7 * at);
    if ((data[at] & 0x80U) != 0) continue;
    if (length > data.size() - at - 1) return std::nullopt;
    return at + 1 + static_cast<std::size_t>(length);
  }
  return std::nullopt;
}

// Bytes of a scalar at the beginning of `data`; none where it is no scalar, or cut.
std::optional<std::size_t> scalar_size(JsonType type, ByteView data) {
  const auto fixed = [&](std::size_t size) { return data.size() >= size ? std::optional(size) : std::nullopt; };
  switch (type) {
    case JsonType::literal:
      return !data.empty() && data[0] < kLiterals.size() ? fixed(1) : std::nullopt;
    case JsonType::int16:
    case JsonType::uint16:
      return fixed(2);
    case JsonType::int32:
    case JsonType::uint32:
      return fixed(4);
    case JsonType::int64:
    case JsonType::uint64:
    case JsonType::double_:
      return fixed(8);
    case JsonType::string:
      return counted_size(data);
    case JsonType::opaque: {
      const auto size = data.empty() ? std::nullopt : counted_size(data.sub(1));
      return size ? std::optional(1 + *size) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

bool is_container(JsonType type) { return is_json_object(type) || is_json_array(type); }

class DocumentCheck {
 public:
  explicit DocumentCheck(std::size_t size) : left_(size) {}

  // `data` begins at the value and ends where its container does.
  bool check(JsonType type, ByteView data, std::size_t depth) {
    if (is_container(type)) return depth < kMaximumJsonDepth && check_container(type, data, depth + 1);
    const auto size = scalar_size(type, data);
    return size && take(*size);
  }

 private:
  // Values that share bytes would need more of them than there are.
  bool take(std::uint64_t size) {
    if (size > left_) return false;
    left_ -= size;
    return true;
  }

  bool check_container(JsonType type, ByteView data, std::size_t depth) {
    const std::size_t width = Layout(type, 0).width;
    if (data.size() < 2 * width) return false;
    const Layout layout(type, number_at(data, 0, width));
    const std::uint32_t count = number_at(data, 0, width);
    const std::uint32_t size = number_at(data, width, width);
    if (size > data.size() || layout.end > size || !take(layout.end)) return false;
    data = data.sub(0, size);
    for (std::uint32_t i = 0; layout.object && i < count; ++i) {
      const std::size_t place = number_at(data, layout.key_entry(i), width);
      const std::size_t length = number_at(data, layout.key_entry(i) + width, kKeyLengthSize);
      if (place < layout.end || place > size || length > size - place || !take(length)) return false;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t entry = layout.value_entry(i);
      const auto value = static_cast<JsonType>(data[entry]);
      if (is_json_inlined(value, layout.large)) {
        if (!scalar_size(value, data.sub(entry + kJsonTypeSize, width))) return false;
        continue;
      }
      const std::size_t place = number_at(data, entry + kJsonTypeSize, width);
      if (place < layout.end || place >= size || !check(value, data.sub(place), depth)) return false;
    }
    return true;
  }

  std::uint64_t left_;
};

// REQUIRES: the value was checked.
JsonValue exact(JsonType type, ByteView data) {
  if (const auto size = scalar_size(type, data)) return {type, data.sub(0, *size)};
  const std::size_t width = Layout(type, 0).width;
  return {type, data.sub(0, number_at(data, width, width))};
}

}  // namespace

base::Result<JsonValue> read_json_document(ByteView document) {
  static constexpr std::array<std::uint8_t, 1> kNull = {kJsonNull};
  if (document.empty()) return JsonValue{JsonType::literal, ByteView(kNull.data(), kNull.size())};
  const auto type = static_cast<JsonType>(document[0]);
  const ByteView data = document.sub(kJsonTypeSize);
  if (DocumentCheck(data.size()).check(type, data, 0)) return exact(type, data);
  return base::fail(base::Error(base::ErrorKind::malformed, "a binary JSON document is malformed")
                        .remedy("write the row again at the source, or drop or null the column"));
}

JsonContainer::JsonContainer(const JsonValue& value)
    : data_(value.data),
      large_(value.type == JsonType::large_object || value.type == JsonType::large_array),
      object_(is_json_object(value.type)),
      count_(number_at(data_, 0, large_ ? 4 : 2)) {}

ByteView JsonContainer::key(std::uint32_t index) const {
  const Layout layout(large_ ? JsonType::large_object : JsonType::small_object, count_);
  const std::size_t entry = layout.key_entry(index);
  return data_.sub(number_at(data_, entry, layout.width), number_at(data_, entry + layout.width, kKeyLengthSize));
}

JsonValue JsonContainer::value(std::uint32_t index) const {
  const JsonType mine = object_ ? (large_ ? JsonType::large_object : JsonType::small_object)
                                : (large_ ? JsonType::large_array : JsonType::small_array);
  const Layout layout(mine, count_);
  const std::size_t entry = layout.value_entry(index);
  const auto type = static_cast<JsonType>(data_[entry]);
  if (is_json_inlined(type, large_)) return exact(type, data_.sub(entry + kJsonTypeSize, layout.width));
  return exact(type, data_.sub(number_at(data_, entry + kJsonTypeSize, layout.width)));
}

}  // namespace relay::binlog
