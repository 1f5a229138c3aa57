#pragma once

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"

namespace relay::tunnel {

// Waits until `descriptor` is ready for `events` (POLLIN, POLLOUT). Errors: io with ETIMEDOUT at the deadline,
// interrupted when `stop` is asked for.
[[nodiscard]] base::Result<void> wait_ready(int descriptor, short events, Deadline deadline,
                                            const base::StopToken& stop);

// True when bytes, the peer's end or an error wait at `descriptor` now; does not wait.
[[nodiscard]] bool readable_now(int descriptor);

}  // namespace relay::tunnel
