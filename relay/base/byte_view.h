#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace relay::base {

// A borrowed run of bytes from a peer, a file or a packet. It never owns; it lives as long as the buffer behind it.
// It cannot be formatted or streamed (see the formatter below): that is how row bytes stay out of logs and errors.
class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  // Borrows the characters of `text`; the text must outlive the view.
  static ByteView of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }

  [[nodiscard]] constexpr const std::uint8_t* data() const { return data_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr const std::uint8_t* begin() const { return data_; }
  [[nodiscard]] constexpr const std::uint8_t* end() const { return data_ + size_; }
  // REQUIRES: index < size().
  constexpr std::uint8_t operator[](std::size_t index) const { return data_[index]; }

  // The part from `offset`, at most `count` bytes; clamped to the view, so never out of bounds.
  [[nodiscard]] constexpr ByteView sub(std::size_t offset, std::size_t count = SIZE_MAX) const {
    if (offset > size_) offset = size_;
    if (count > size_ - offset) count = size_ - offset;
    return {data_ + offset, count};
  }
  // The same bytes as characters, for identifiers and protocol text. Whoever calls it answers for where they go.
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  friend bool operator==(ByteView a, ByteView b) {
    return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.data_, b.data_, a.size_) == 0);
  }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace relay::base

// Formatting a view does not compile, by design; tests/compile_fail holds the proof.
template <>
struct fmt::formatter<relay::base::ByteView> {
  formatter() = delete;
};
