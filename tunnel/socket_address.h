#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace relay::tunnel {

// An IPv4 or IPv6 address with its port.
class SocketAddress {
 public:
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return size_; }
  // For calls that fill the address and set its size.
  [[nodiscard]] socklen_t* size_to_fill() {
    size_ = sizeof storage_;
    return &size_;
  }
  [[nodiscard]] int family() const { return storage_.ss_family; }
  [[nodiscard]] std::uint16_t port() const;
  // "192.0.2.7:3307", "[2001:db8::1]:3307"
  [[nodiscard]] std::string text() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

}  // namespace relay::tunnel
