#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::base {

// Reads little-endian fields from a view, front to back. The first read past the end makes the reader fail for good:
// later reads return zeros and empty views, so decoding is straight-line code with one check at its end.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  // An unsigned little-endian integer of `width` bytes, 1 to 8.
  std::uint64_t little_endian(std::size_t width) {
    if (!has(width)) return 0;
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + position_, width);
    position_ += width;
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(little_endian(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::uint64_t u48() { return little_endian(6); }
  std::uint64_t u64() { return little_endian(8); }

  // A length-encoded integer of the client/server protocol: 1, 3, 4 or 9 bytes. 0xfb and 0xff are no integers and fail.
  std::uint64_t length_encoded() {
    const std::uint8_t first = u8();
    if (first < 0xfb) return first;
    if (first == 0xfc) return little_endian(2);
    if (first == 0xfd) return little_endian(3);
    if (first == 0xfe) return little_endian(8);
    failed_ = true;
    return 0;
  }
  // The next `count` bytes; valid as long as the view that was given to the constructor.
  ByteView bytes(std::uint64_t count) {
    if (!has(count)) return {};
    const ByteView view = bytes_.sub(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return view;
  }
  // A length-encoded length and that many bytes.
  ByteView length_encoded_bytes() { return bytes(length_encoded()); }
  // Bytes up to a NUL, which is passed over and not part of the view.
  ByteView null_terminated() {
    const auto* start = bytes_.data() + position_;
    const void* nul = failed_ || remaining() == 0 ? nullptr : std::memchr(start, 0, remaining());
    if (nul == nullptr) {
      failed_ = true;
      return {};
    }
    const ByteView view = bytes(static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - start));
    skip(1);
    return view;
  }
  ByteView rest() { return bytes(remaining()); }
  void skip(std::uint64_t count) {
    if (has(count)) position_ += static_cast<std::size_t>(count);
  }

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - position_; }
  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] bool at_end() const { return !failed_ && position_ == bytes_.size(); }
  void fail() { failed_ = true; }

 private:
  bool has(std::uint64_t count) {
    if (failed_ || count > bytes_.size() - position_) failed_ = true;
    return !failed_;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace relay::base
