#pragma once

#include <libssh2.h>
#include <poll.h>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/ssh_socket.h"
#include "tunnel/wait.h"

namespace relay::tunnel {

// What one step of setting a session up may wait for.
struct SshWait {
  SshSocket& socket;
  Deadline deadline;
  const base::StopToken& stop;
};

// Calls `call`, a function of libssh2 that answers LIBSSH2_ERROR_EAGAIN as long as it needs the host, until it answers
// something else, and returns that. Errors: io (the connection is lost, ETIMEDOUT), interrupted.
template <typename Call>
[[nodiscard]] base::Result<int> finish(const SshWait& wait, Call call) {
  for (;;) {
    const int answer = call();
    wait.socket.flush();
    if (wait.socket.failure() != 0) {
      return base::fail(base::Error(base::ErrorKind::io, "the host closed the connection")
                            .code(wait.socket.failure())
                            .remedy("the log of its sshd says why"));
    }
    if (answer != LIBSSH2_ERROR_EAGAIN) return answer;
    const auto events = static_cast<short>(wait.socket.has_unsent() ? POLLIN | POLLOUT : POLLIN);
    RELAY_TRY(wait_ready(wait.socket.descriptor(), events, wait.deadline, wait.stop));
  }
}

}  // namespace relay::tunnel
