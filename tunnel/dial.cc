#include "tunnel/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tunnel/resolver.h"
#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

constexpr int kUnsentBytes = 128 << 10;  // what the kernel may hold and not have sent: tcp(7), TCP_NOTSENT_LOWAT

void set_number_option(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

void set_options(int socket, std::chrono::milliseconds patience) {
  const auto seconds = std::max<int>(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(patience).count()));
  set_number_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_number_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
  set_number_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(patience.count()));
  set_number_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_number_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 3));
  set_number_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 3));
  set_number_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Result<Descriptor> begin_connection(const SocketAddress& address) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return base::fail(base::Error(ErrorKind::io, "cannot make a socket").code(errno));
  if (::connect(socket.get(), address.get(), address.size()) != 0 && errno != EINPROGRESS)
    return base::fail(base::Error(ErrorKind::io, "cannot connect").about(address.text()).code(errno));
  return socket;
}

Result<Descriptor> connect_to(const SocketAddress& address, Deadline deadline, std::chrono::milliseconds patience,
                              const base::StopToken& stop) {
  RELAY_ASSIGN(Descriptor socket, begin_connection(address));
  set_options(socket.get(), patience);
  if (auto ready = wait_ready(socket.get(), POLLOUT, deadline, stop); !ready)
    return base::fail(std::move(ready.error().about(address.text())));
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
  if (failure != 0) return base::fail(base::Error(ErrorKind::io, "cannot connect").about(address.text()).code(failure));
  return socket;
}

}  // namespace

Result<Descriptor> dial(const std::string& host, std::uint16_t port, Deadline deadline,
                        std::chrono::milliseconds patience, const base::StopToken& stop) {
  RELAY_ASSIGN(const std::vector<SocketAddress> addresses, resolve_all(host, port, deadline, stop));
  for (std::size_t i = 0;; ++i) {
    const auto now = std::chrono::steady_clock::now();
    const Deadline share = now + (deadline - now) / static_cast<int>(addresses.size() - i);
    auto socket = connect_to(addresses[i], share, patience, stop);
    if (socket || i + 1 == addresses.size() || stop.stop_requested()) return socket;
  }
}

Result<Descriptor> begin_local_connection(const SocketAddress& address) {
  auto socket = begin_connection(address);
  if (socket) set_number_option(socket->get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return socket;
}

}  // namespace relay::tunnel
