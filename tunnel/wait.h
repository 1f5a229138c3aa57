#pragma once

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"

namespace relay::tunnel {

// Waits until `descriptor` is ready for `events` (POLLIN, POLLOUT). Errors: io with ETIMEDOUT at the deadline,
// interrupted when `stop` is asked for.
[[nodiscard]] base::Result<void> wait_ready(int descriptor, short events, Deadline deadline,
                                            const base::StopToken& stop);

// Whether a call on a non-blocking socket that failed with this errno may do better later.
[[nodiscard]] bool may_do_later(int code);

// True when bytes, the peer's end or an error wait at `descriptor` now; does not wait.
[[nodiscard]] bool readable_now(int descriptor);

}  // namespace relay::tunnel
