#include "relay/base/crc32.h"

#include <libdeflate.h>

namespace relay::base {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
  if (bytes.empty()) return seed;  // libdeflate takes a null buffer as a request for the initial value
  return libdeflate_crc32(seed, bytes.data(), bytes.size());
}

}  // namespace relay::base
