#pragma once

#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"
#include "tunnel/socket_address.h"

namespace relay::tunnel {

// All addresses of a host, in the order to try them. The wait for a name server ends at the deadline or when a stop is
// asked for. Errors: io (no address, or none in time), interrupted.
[[nodiscard]] base::Result<std::vector<SocketAddress>> resolve_all(const std::string& host, std::uint16_t port,
                                                                   Deadline deadline, const base::StopToken& stop);

// The address to listen at: of a numeric host or a name, every address of this machine for an empty one.
// Errors: configuration when there is none.
[[nodiscard]] base::Result<SocketAddress> resolve_own(const std::string& host, std::uint16_t port);

}  // namespace relay::tunnel
