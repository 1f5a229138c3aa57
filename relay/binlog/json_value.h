#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

// MySQL's binary JSON (sql-common/json_binary.h says how it is laid out): a type byte, then the value's data. A
// container is: count, size (2 bytes each; 4 in a large one), for an object a place and 2 bytes of length for each key,
// for each value a type byte and a place, or the value itself where it fits; then keys and values. Places count from
// the container's own beginning.
namespace relay::binlog {

enum class JsonType : std::uint8_t {
  small_object = 0,
  large_object = 1,
  small_array = 2,
  large_array = 3,
  literal = 4,
  int16 = 5,
  uint16 = 6,
  int32 = 7,
  uint32 = 8,
  int64 = 9,
  uint64 = 10,
  double_ = 11,
  string = 12,
  opaque = 15,
};

inline constexpr std::uint8_t kJsonNull = 0;           // the literal's data; true is 1, false 2
inline constexpr std::size_t kMaximumJsonDepth = 100;  // of containers (JSON_DOCUMENT_MAX_DEPTH)
inline constexpr std::size_t kJsonTypeSize = 1;

[[nodiscard]] inline bool is_json_object(JsonType type) {
  return type == JsonType::small_object || type == JsonType::large_object;
}
[[nodiscard]] inline bool is_json_array(JsonType type) {
  return type == JsonType::small_array || type == JsonType::large_array;
}
// Whether a container has such a value among its entries.
[[nodiscard]] inline bool is_json_inlined(JsonType type, bool large) {
  return type == JsonType::literal || type == JsonType::int16 || type == JsonType::uint16 ||
         (large && (type == JsonType::int32 || type == JsonType::uint32));
}

// A value, borrowed from its document. `data` is exactly that of a scalar; of a container, from its count to the end of
// its size.
struct JsonValue {
  JsonType type = JsonType::literal;
  base::ByteView data;
};

// Reads a document. Every count, size and place in it is proved, down to the last value, so that JsonContainer needs no
// proof; values that share bytes are refused, and so no document is larger than its bytes. Bytes between the values are
// allowed: servers leave them when they change a value where it lies. No bytes at all are the literal null, which is
// what servers read there. Errors: malformed.
[[nodiscard]] base::Result<JsonValue> read_json_document(base::ByteView document);

// The members of an object, or elements of an array, of a document that was read.
class JsonContainer {
 public:
  // REQUIRES: a container.
  explicit JsonContainer(const JsonValue& value);
  [[nodiscard]] std::uint32_t count() const { return count_; }
  // REQUIRES: an object, and index < count().
  [[nodiscard]] base::ByteView key(std::uint32_t index) const;
  // REQUIRES: index < count().
  [[nodiscard]] JsonValue value(std::uint32_t index) const;

 private:
  base::ByteView data_;
  bool large_;
  bool object_;
  std::uint32_t count_;
};

}  // namespace relay::binlog
