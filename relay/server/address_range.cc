#include "relay/server/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace relay::server {

namespace {

using Address = std::array<std::uint8_t, 16>;
constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // before an IPv4 address inside of IPv6 (RFC 4291, 2.5.5.2)

std::optional<Address> address_of(std::string_view text) {
  const std::string host(text);
  Address address{};
  if (::inet_pton(AF_INET6, host.c_str(), address.data()) == 1) return address;
  address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (::inet_pton(AF_INET, host.c_str(), address.data() + kMappedBits / 8) == 1) return address;
  return std::nullopt;
}

bool bit(const Address& address, unsigned at) { return (address[at / 8] >> (7 - at % 8) & 1U) != 0; }

}  // namespace

std::string host_of(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view host = text.substr(0, slash);
  const auto address = address_of(host);
  if (!address) return std::nullopt;
  const bool four = host.find(':') == std::string_view::npos;
  AddressRange range;
  range.address_ = *address;
  range.prefix_ = kBits;
  if (slash < text.size()) {
    unsigned prefix = 0;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    const bool good = error == std::errc() && end == digits.data() + digits.size();
    if (!good || prefix > (four ? kBits - kMappedBits : kBits)) return std::nullopt;
    range.prefix_ = prefix + (four ? kMappedBits : 0);
  }
  for (unsigned at = range.prefix_; at < kBits; ++at) {
    if (bit(*address, at)) return std::nullopt;
  }
  return range;
}

bool AddressRange::contains(std::string_view host) const {
  const auto address = address_of(host);
  if (!address) return false;
  for (unsigned at = 0; at < prefix_; ++at) {
    if (bit(*address, at) != bit(address_, at)) return false;
  }
  return true;
}

}  // namespace relay::server
