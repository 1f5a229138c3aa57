#include "relay/base/buffer.h"

#include <utility>

namespace relay::base {

namespace {

constexpr std::size_t kSmallest = 64;  // bytes of memory

}  // namespace

Buffer::Buffer(const Buffer& other) : maximum_(other.maximum_) {
  append(other.view());
  overflowed_ = other.overflowed_;
  if (overflowed_) limit_ = size_;
}

Buffer::Buffer(Buffer&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      limit_(std::exchange(other.limit_, 0)),
      maximum_(other.maximum_),
      overflowed_(std::exchange(other.overflowed_, false)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer taken(std::move(other));
  std::swap(bytes_, taken.bytes_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  std::swap(limit_, taken.limit_);
  std::swap(maximum_, taken.maximum_);
  std::swap(overflowed_, taken.overflowed_);
  return *this;
}

bool Buffer::grow(std::size_t count) {
  if (overflowed_ || count > maximum_ - size_) {
    overflowed_ = true;
    limit_ = size_;
    return count == 0;
  }
  reallocate(std::min(maximum_, std::max({size_ + count, 2 * capacity_, kSmallest})));
  return true;
}

void Buffer::reallocate(std::size_t capacity) {
  auto bytes = capacity == 0 ? nullptr : std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
  limit_ = overflowed_ ? size_ : capacity_;
}

void Buffer::append_length_encoded(std::uint64_t value) {
  if (value < 0xfb) return append_little_endian(value, 1);
  const std::size_t width = value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 8;
  append_u8(width == 2 ? 0xfc : width == 3 ? 0xfd : 0xfe);
  append_little_endian(value, width);
}

void Buffer::patch_little_endian(std::size_t offset, std::uint64_t value, std::size_t width) {
  std::memcpy(bytes_.get() + offset, &value, width);
}

void Buffer::resize(std::size_t size) {
  if (size > size_) return append_fill(size - size_, 0);
  size_ = size;
  if (overflowed_) limit_ = size_;
}

void Buffer::shrink(std::size_t keep) {
  if (capacity_ <= keep) return;
  size_ = std::min(size_, keep);
  reallocate(size_);
}

}  // namespace relay::base
