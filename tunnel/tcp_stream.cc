#include "tunnel/tcp_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tunnel/socket_address.h"
#include "tunnel/wait.h"

namespace relay::tunnel {

namespace {

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

base::Error io_error(base::FixedText what) { return base::Error(base::ErrorKind::io, what).code(errno); }

// Fills at most all of `vectors` from the slices behind `done` bytes; returns how many were filled.
std::size_t fill(std::span<const base::ByteView> slices, std::size_t first, std::size_t offset,
                 std::span<iovec> vectors) {
  std::size_t used = 0;
  for (std::size_t i = first; i < slices.size() && used < vectors.size(); ++i) {
    const base::ByteView part = slices[i].sub(i == first ? offset : 0);
    // sendmsg only reads from what iovec points to, but its type does not say so.
    vectors[used++] = iovec{const_cast<std::uint8_t*>(part.data()), part.size()};
  }
  return used;
}

}  // namespace

TcpStream::TcpStream(int socket, const base::StopToken& stop) : socket_(socket), stop_(stop) {
  ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
  set_option(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket_, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket_, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(socket_, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(socket_, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

TcpStream::~TcpStream() { ::close(socket_); }

base::Result<std::size_t> TcpStream::read_some(std::uint8_t* into, std::size_t size, Deadline deadline) {
  for (;;) {
    const ssize_t got = ::recv(socket_, into, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return base::fail(io_error("cannot read from the connection"));
    RELAY_TRY(wait_ready(socket_, POLLIN, deadline, stop_));
  }
}

base::Result<void> TcpStream::write_all(std::span<const base::ByteView> slices, std::chrono::milliseconds patience) {
  std::array<iovec, 64> vectors{};
  std::size_t first = 0;
  std::size_t offset = 0;
  while (first < slices.size()) {
    if (offset == slices[first].size()) {
      ++first;
      offset = 0;
      continue;
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = fill(slices, first, offset, vectors);
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return base::fail(io_error("cannot write to the connection"));
      RELAY_TRY(wait_ready(socket_, POLLOUT, deadline_after(patience), stop_));
      continue;
    }
    auto left = static_cast<std::size_t>(sent);
    while (left > 0) {
      const std::size_t part = std::min(left, slices[first].size() - offset);
      left -= part;
      offset += part;
      if (offset == slices[first].size() && left > 0) {
        ++first;
        offset = 0;
      }
    }
  }
  return {};
}

void TcpStream::shutdown() { ::shutdown(socket_, SHUT_RDWR); }

std::string TcpStream::peer() const {
  SocketAddress address;
  if (::getpeername(socket_, address.get(), address.size_to_fill()) != 0) return "unknown";
  return address.text();
}

}  // namespace relay::tunnel
