#include "tunnel/socket_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <memory>

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

base::Result<SocketAddress> resolve(const std::string& host, std::uint16_t port, bool passive) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found) != 0 || found == nullptr) {
    return base::fail(base::Error(base::ErrorKind::configuration, "the host has no address").about(host));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  SocketAddress address;
  std::memcpy(address.get(), found->ai_addr, found->ai_addrlen);
  *address.size_to_fill() = found->ai_addrlen;
  return address;
}

}  // namespace relay::tunnel
