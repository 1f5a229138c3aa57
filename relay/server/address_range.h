#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::server {

// The host of a peer's "192.0.2.7:51234" or "[2001:db8::1]:51234", without its port and brackets.
[[nodiscard]] std::string host_of(std::string_view peer);

// Addresses with the same first bits: "192.0.2.0/24", "2001:db8::/32", or one address.
class AddressRange {
 public:
  // None where it is no address, has bits set behind the prefix, or a prefix that is too long.
  [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text);
  // Whether the numeric address `host` is one of them; an IPv4 address inside of IPv6 (::ffff:192.0.2.7) counts as one
  // of IPv4.
  [[nodiscard]] bool contains(std::string_view host) const;

 private:
  std::array<std::uint8_t, 16> address_{};  // IPv4 as ::ffff:0:0/96
  unsigned prefix_ = 0;                     // bits of these
};

}  // namespace relay::server
