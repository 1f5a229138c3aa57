#include "tunnel/wait.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace relay::tunnel {

namespace {

// Rounded up, so that a wait never spins through the last millisecond.
int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 24LL * 3600 * 1000));
}

}  // namespace

base::Result<void> wait_ready(int descriptor, short events, Deadline deadline, const base::StopToken& stop) {
  for (;;) {
    std::array<pollfd, 2> polls{pollfd{descriptor, events, 0}, pollfd{stop.descriptor(), POLLIN, 0}};
    const int time = milliseconds_until(deadline);
    const int ready = ::poll(polls.data(), polls.size(), time);
    if (stop.stop_requested()) return base::fail(base::ErrorKind::interrupted, "the connection is being closed");
    if (ready > 0 && polls[0].revents != 0) return {};
    if (ready < 0 && errno != EINTR) return base::fail(base::Error(base::ErrorKind::io, "poll failed").code(errno));
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) {
      return base::fail(base::Error(base::ErrorKind::io, "the peer did not answer in time").code(ETIMEDOUT));
    }
  }
}

bool may_do_later(int code) { return code == EAGAIN || code == EWOULDBLOCK || code == EINTR; }

bool readable_now(int descriptor) {
  pollfd poll{descriptor, POLLIN | POLLRDHUP, 0};
  return ::poll(&poll, 1, 0) > 0;
}

}  // namespace relay::tunnel
