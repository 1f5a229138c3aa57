#include "relay/base/buffer.h"

#include <algorithm>
#include <cstring>

namespace relay::base {

bool Buffer::grow(std::size_t count) {
  if (overflowed_ || count > maximum_ - bytes_.size()) overflowed_ = true;
  return !overflowed_;
}

void Buffer::append(ByteView bytes) {
  if (grow(bytes.size())) bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Buffer::append_fill(std::size_t count, std::uint8_t value) {
  if (grow(count)) bytes_.insert(bytes_.end(), count, value);
}

void Buffer::append_little_endian(std::uint64_t value, std::size_t width) {
  if (width == 1) {
    if (grow(1)) bytes_.push_back(static_cast<std::uint8_t>(value));
    return;
  }
  std::uint8_t encoded[8];
  std::memcpy(encoded, &value, sizeof encoded);
  append(ByteView(encoded, width));
}

void Buffer::append_length_encoded(std::uint64_t value) {
  if (value < 0xfb) return append_little_endian(value, 1);
  const std::size_t width = value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 8;
  append_u8(width == 2 ? 0xfc : width == 3 ? 0xfd : 0xfe);
  append_little_endian(value, width);
}

void Buffer::patch_little_endian(std::size_t offset, std::uint64_t value, std::size_t width) {
  std::memcpy(bytes_.data() + offset, &value, width);
}

void Buffer::resize(std::size_t size) {
  if (size <= bytes_.size()) {
    bytes_.resize(size);
  } else if (grow(size - bytes_.size())) {
    bytes_.resize(size);
  }
}

void Buffer::shrink(std::size_t keep) {
  if (bytes_.capacity() <= keep) return;
  bytes_.resize(std::min(bytes_.size(), keep));
  bytes_.shrink_to_fit();
}

}  // namespace relay::base
