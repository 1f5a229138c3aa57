#include "tunnel/tcp_listener.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "tunnel/resolver.h"
#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

// The peer went away between its SYN and our accept, or the machine is short of something for a moment: no reason to
// stop listening.
bool is_passing(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR || code == ECONNABORTED || code == EPROTO ||
         code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

}  // namespace

base::Result<std::unique_ptr<TcpListener>> TcpListener::listen(const std::string& host, std::uint16_t port) {
  RELAY_ASSIGN(SocketAddress address, resolve_own(host, port));
  const int socket = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return base::fail(base::Error(base::ErrorKind::io, "cannot make a socket").code(errno));
  std::unique_ptr<TcpListener> listener(new TcpListener(socket, port));
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, address.get(), address.size()) != 0 || ::listen(socket, SOMAXCONN) != 0) {
    return base::fail(base::Error(base::ErrorKind::io, "cannot listen").about(address.text()).code(errno));
  }
  if (::getsockname(socket, address.get(), address.size_to_fill()) == 0) listener->port_ = address.port();
  return listener;
}

TcpListener::~TcpListener() { ::close(socket_); }

base::Result<std::optional<int>> TcpListener::accept(Deadline deadline, const base::StopToken& stop) {
  if (auto ready = wait_ready(socket_, POLLIN, deadline, stop); !ready) {
    if (ready.error().system_code() == ETIMEDOUT) return std::optional<int>();
    return tl::unexpected(std::move(ready).error());
  }
  const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connection >= 0) return std::optional<int>(connection);
  if (!is_passing(errno)) return base::fail(base::Error(base::ErrorKind::io, "cannot accept a connection").code(errno));
  // Out of descriptors, the socket stays readable: a pause keeps the loop from spinning.
  if (errno != EAGAIN && errno != EINTR) static_cast<void>(stop.wait_for(std::chrono::milliseconds(100)));
  return std::optional<int>();
}

}  // namespace relay::tunnel
