#pragma once

#include <chrono>
#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"
#include "tunnel/descriptor.h"
#include "tunnel/socket_address.h"

namespace relay::tunnel {

// Connects by TCP to the first of the host's addresses that answers; each gets its share of the time. The kernel gives
// the connection up when nothing of what was sent is acknowledged for `patience`, and holds back from taking in more
// than it can send soon, so that what is written later does not wait behind a heap.
// Errors: io (no address, refused, ETIMEDOUT), interrupted.
[[nodiscard]] base::Result<Descriptor> dial(const std::string& host, std::uint16_t port, Deadline deadline,
                                            std::chrono::milliseconds patience, const base::StopToken& stop);

// Begins to connect to an address of this machine, without waiting: the socket is writable when it is done or has
// failed (SO_ERROR). Errors: io (refused, no more descriptors).
[[nodiscard]] base::Result<Descriptor> begin_local_connection(const SocketAddress& address);

}  // namespace relay::tunnel
