#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "relay/base/byte_view.h"
#include "relay/base/sha256.h"

namespace relay::wire {

using Sha1 = std::array<std::uint8_t, 20>;
using base::Sha256;
using base::sha256;

// The digest of several parts, one behind the other.
[[nodiscard]] Sha1 sha1(std::initializer_list<base::ByteView> parts);

template <std::size_t N>
[[nodiscard]] base::ByteView view_of(const std::array<std::uint8_t, N>& bytes) {
  return {bytes.data(), bytes.size()};
}

// Equal, in a time that tells nothing of where they differ (it does tell whether the sizes do).
[[nodiscard]] bool equal_in_constant_time(base::ByteView a, base::ByteView b);

}  // namespace relay::wire
