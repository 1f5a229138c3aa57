#include "relay/base/secret.h"

#include <strings.h>

#include <utility>

namespace relay::base {

void wipe_memory(void* memory, std::size_t size) {
  if (size > 0) explicit_bzero(memory, size);
}

// std::string keeps short text inside itself, so a move leaves bytes behind: copy, then wipe the old place.
Secret::Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = other.value_;
    other.wipe();
  }
  return *this;
}

void Secret::wipe() {
  wipe_memory(value_.data(), value_.size());
  value_.clear();
}

}  // namespace relay::base
