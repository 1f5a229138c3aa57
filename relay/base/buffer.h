#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "relay/base/byte_view.h"

namespace relay::base {

// A growing run of owned bytes with a hard maximum, made to be reused: clear() keeps the memory. Appending past the
// maximum makes the buffer overflow for good (until clear()) instead of growing; overflowed() is checked once, at the
// end. Views of it are valid until the next append or clear().
class Buffer {
 public:
  static constexpr std::size_t kDefaultMaximum = std::size_t{1} << 30;
  explicit Buffer(std::size_t maximum = kDefaultMaximum) : maximum_(maximum) {}

  void clear() {
    bytes_.clear();
    overflowed_ = false;
  }
  void append(ByteView bytes);
  void append(std::string_view text) { append(ByteView::of(text)); }
  void append_fill(std::size_t count, std::uint8_t value);
  // An unsigned little-endian integer of `width` bytes, 1 to 8.
  void append_little_endian(std::uint64_t value, std::size_t width);
  void append_u8(std::uint8_t value) { append_little_endian(value, 1); }
  void append_u16(std::uint16_t value) { append_little_endian(value, 2); }
  void append_u32(std::uint32_t value) { append_little_endian(value, 4); }
  void append_u64(std::uint64_t value) { append_little_endian(value, 8); }
  // The shortest form of the protocol's length-encoded integer.
  void append_length_encoded(std::uint64_t value);
  void append_length_encoded_bytes(ByteView bytes) {
    append_length_encoded(bytes.size());
    append(bytes);
  }
  // Overwrites `width` bytes at `offset`. REQUIRES: offset + width <= size().
  void patch_little_endian(std::size_t offset, std::uint64_t value, std::size_t width);
  // Sets the size: cut, or grown with zeros.
  void resize(std::size_t size);
  // Gives the memory above `keep` bytes of capacity back; for buffers that one huge event has blown up.
  void shrink(std::size_t keep);

  [[nodiscard]] ByteView view() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::size_t maximum() const { return maximum_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  bool grow(std::size_t count);

  std::vector<std::uint8_t> bytes_;
  std::size_t maximum_;
  bool overflowed_ = false;
};

}  // namespace relay::base
