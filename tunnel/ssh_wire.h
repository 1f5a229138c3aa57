#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "relay/base/byte_view.h"

namespace relay::tunnel {

// The data types of RFC 4251, 5, as key blobs and the agent's messages use them.

// Takes values off the front of a view. What it returns lives as long as the bytes behind the view.
class SshReader {
 public:
  explicit SshReader(base::ByteView bytes) : left_(bytes) {}

  [[nodiscard]] std::optional<std::uint8_t> byte() {
    if (left_.empty()) return std::nullopt;
    const std::uint8_t value = left_[0];
    left_ = left_.sub(1);
    return value;
  }
  [[nodiscard]] std::optional<std::uint32_t> uint32() {
    if (left_.size() < 4) return std::nullopt;
    const std::uint32_t value = std::uint32_t{left_[0]} << 24 | std::uint32_t{left_[1]} << 16 |
                                std::uint32_t{left_[2]} << 8 | std::uint32_t{left_[3]};
    left_ = left_.sub(4);
    return value;
  }
  [[nodiscard]] std::optional<base::ByteView> string() {
    const std::optional<std::uint32_t> size = uint32();
    if (!size || *size > left_.size()) return std::nullopt;
    const base::ByteView value = left_.sub(0, *size);
    left_ = left_.sub(*size);
    return value;
  }

 private:
  base::ByteView left_;
};

inline void append_uint32(std::vector<std::uint8_t>& to, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline void append_string(std::vector<std::uint8_t>& to, base::ByteView value) {
  append_uint32(to, static_cast<std::uint32_t>(value.size()));
  to.insert(to.end(), value.begin(), value.end());
}

}  // namespace relay::tunnel
