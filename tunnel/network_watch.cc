#include "tunnel/network_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace relay::tunnel {

namespace {

bool is_news(std::uint16_t type) { return type == RTM_NEWADDR || type == RTM_NEWLINK || type == RTM_NEWROUTE; }

// Whether one of the messages in a datagram of `size` bytes is news.
bool has_news(const char* bytes, std::size_t size) {
  while (size >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, bytes, sizeof header);
    if (is_news(header.nlmsg_type)) return true;
    const std::size_t length = NLMSG_ALIGN(header.nlmsg_len);
    if (header.nlmsg_len < sizeof header || length >= size) return false;
    bytes += length;
    size -= length;
  }
  return false;
}

}  // namespace

NetworkWatch::NetworkWatch() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (!socket_.is_open()) return;
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket_.close();
}

bool NetworkWatch::take_news() {
  bool news = false;
  alignas(nlmsghdr) std::array<char, 8192> bytes;  // the kernel's datagrams fit into a page
  while (socket_.is_open()) {
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    // More came than the kernel keeps for us.
    if (got < 0 && errno == ENOBUFS) {
      news = true;
      continue;
    }
    if (got <= 0) break;
    news = has_news(bytes.data(), static_cast<std::size_t>(got)) || news;
  }
  return news;
}

}  // namespace relay::tunnel
