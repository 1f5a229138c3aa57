#pragma once

#include <cstdint>

namespace relay::bench {

struct DrainSettings {
  std::uint64_t bytes = 0;
  bool tls = false;      // TLS 1.3 with TLS_AES_128_GCM_SHA256
  bool replica = false;  // logs in as a replica first, and asks for the binary log from its beginning
};

// Reads so many bytes from a port of this machine. The seconds from the first of them to the last. Throws when fewer
// come.
[[nodiscard]] double drain(std::uint16_t port, const DrainSettings& settings);

}  // namespace relay::bench
