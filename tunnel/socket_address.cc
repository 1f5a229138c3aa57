#include "tunnel/socket_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace relay::tunnel {

std::uint16_t SocketAddress::port() const {
  if (storage_.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage_, sizeof address);
    return ntohs(address.sin6_port);
  }
  sockaddr_in address{};
  std::memcpy(&address, &storage_, sizeof address);
  return ntohs(address.sin_port);
}

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> host{};
  if (::getnameinfo(get(), size_, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "unknown";
  if (storage_.ss_family == AF_INET6) return fmt::format("[{}]:{}", host.data(), port());
  return fmt::format("{}:{}", host.data(), port());
}

}  // namespace relay::tunnel
