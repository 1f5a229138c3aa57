#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "relay/base/byte_view.h"

namespace relay::base {

// A growing run of owned bytes with a hard maximum, made to be reused: clear() keeps the memory. Appending past the
// maximum makes the buffer overflow for good (until clear()) instead of growing; overflowed() is checked once, at the
// end. Views of it are valid until the next append or clear().
class Buffer {
 public:
  static constexpr std::size_t kDefaultMaximum = std::size_t{1} << 30;
  explicit Buffer(std::size_t maximum = kDefaultMaximum) : maximum_(maximum) {}
  Buffer(const Buffer& other);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(const Buffer& other) { return *this = Buffer(other); }
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() = default;

  void clear() {
    size_ = 0;
    limit_ = capacity_;
    overflowed_ = false;
  }
  void append(ByteView bytes) {
    if (!has_room(bytes.size()) || bytes.empty()) return;
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void append(std::string_view text) { append(ByteView::of(text)); }
  void append_fill(std::size_t count, std::uint8_t value) {
    if (!has_room(count)) return;
    std::fill_n(bytes_.get() + size_, count, value);
    size_ += count;
  }
  // An unsigned little-endian integer of `width` bytes, 1 to 8.
  void append_little_endian(std::uint64_t value, std::size_t width) {
    if (!has_room(width)) return;
    std::memcpy(bytes_.get() + size_, &value, width);
    size_ += width;
  }
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

  [[nodiscard]] ByteView view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::uint8_t* data() { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t maximum() const { return maximum_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  bool has_room(std::size_t count) { return count <= limit_ - size_ || grow(count); }
  bool grow(std::size_t count);
  void reallocate(std::size_t capacity);

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t limit_ = 0;  // up to here nothing has to be looked at: the capacity, and the size of what overflowed
  std::size_t maximum_;
  bool overflowed_ = false;
};

}  // namespace relay::base
