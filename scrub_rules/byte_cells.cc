#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kMaximumDimension = 16383;  // MySQL manual, "The VECTOR Type"

constexpr std::array<std::size_t, 4> kUuidDashes = {8, 13, 18, 23};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

base::Result<std::string> unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0)
      return base::fail(ErrorKind::configuration, "the constant has a digit that is no hex digit");
    bytes += static_cast<char>(high * 16 + low);
  }
  if (digits.size() % 2 != 0) return base::fail(ErrorKind::configuration, "the constant has half a byte of hex digits");
  return bytes;
}

template <typename Address>
base::Result<std::string> network_bytes(int family, std::string_view value) {
  Address address{};
  if (inet_pton(family, std::string(value).c_str(), &address) != 1) {
    return base::fail(Error(ErrorKind::configuration, "the constant is no address of the column's type")
                          .remedy("write an address such as 192.0.2.1 or 2001:db8::1"));
  }
  return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

void append_float(std::string& into, float number) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  append_little_endian(into, bits, 4);
}

base::Result<std::string> parse_vector(std::string_view value) {
  const auto refuse = [] {
    return base::fail(Error(ErrorKind::configuration, "the constant is no vector").remedy("write it as [1,2.5,-3]"));
  };
  if (value.size() < 2 || value.front() != '[' || value.back() != ']') return refuse();
  value = value.substr(1, value.size() - 2);
  std::string bytes;
  while (true) {
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    float number = 0;
    const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || !std::isfinite(number)) return refuse();
    append_float(bytes, number);
    value.remove_prefix(static_cast<std::size_t>(stopped - value.data()));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (value.empty()) return bytes;
    if (value.front() != ',') return refuse();
    value.remove_prefix(1);
  }
}

}  // namespace

base::Result<std::string> hex_bytes(std::string_view value) {
  if (!value.starts_with("0x") && !value.starts_with("0X")) {
    return base::fail(ErrorKind::configuration, "the constant is not written as 0x and hex digits");
  }
  return unhex(value.substr(2));
}

base::Result<std::string> encode_bytes(std::string_view value) {
  if (value.starts_with("0x") || value.starts_with("0X")) return hex_bytes(value);
  return std::string(value);
}

base::Result<std::string> encode_inet4(std::string_view value) { return network_bytes<in_addr>(AF_INET, value); }

base::Result<std::string> encode_inet6(std::string_view value) { return network_bytes<in6_addr>(AF_INET6, value); }

base::Result<std::string> encode_uuid(std::string_view value) {
  std::string digits(value);
  if (digits.size() == 36) {
    for (std::size_t i = kUuidDashes.size(); i > 0; --i) {
      if (digits[kUuidDashes[i - 1]] == '-') digits.erase(kUuidDashes[i - 1], 1);
    }
  }
  base::Result<std::string> bytes = unhex(digits);
  if (bytes && bytes->size() == 16) return bytes;
  return base::fail(Error(ErrorKind::configuration, "the constant is no UUID")
                        .remedy("write 32 hex digits, or with dashes after 8, 12, 16 and 20 of them"));
}

std::size_t vector_dimension(const ColumnTraits& column) {
  if (column.flavor == binlog::Flavor::mariadb) return column.type.metadata / 4U;
  return column.length.value_or(0);
}

base::Result<std::string> encode_vector(const ColumnTraits& column, std::string_view value) {
  RELAY_ASSIGN(std::string bytes, value.starts_with("0x") ? hex_bytes(value) : parse_vector(value));
  const std::size_t declared = vector_dimension(column);
  const std::size_t dimension = bytes.size() / 4;
  const bool exact = column.flavor == binlog::Flavor::mariadb;
  const std::size_t most = declared == 0 ? kMaximumDimension : declared;
  if (bytes.size() % 4 == 0 && dimension > 0 && dimension <= most && (!exact || dimension == declared)) return bytes;
  return base::fail(Error(ErrorKind::configuration, "the constant has another dimension than the column")
                        .remedy("write as many numbers as the column's type says"));
}

}  // namespace relay::scrub_rules
