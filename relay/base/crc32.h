#pragma once

#include <cstdint>

#include "relay/base/byte_view.h"

namespace relay::base {

// The CRC-32 of zlib and of the binary log's checksum footer, taken over `bytes` and going on from `seed` (0 at the
// start), so that an event in several slices is summed slice by slice.
std::uint32_t crc32(ByteView bytes, std::uint32_t seed = 0);

}  // namespace relay::base
