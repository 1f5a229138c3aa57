#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::wire {

// The client's answer to the greeting (HandshakeResponse41).
struct HandshakeResponse {
  static constexpr std::size_t kMaximumUser = 128;       // USERNAME_LENGTH is 32 characters of up to 4 bytes
  static constexpr std::size_t kMaximumAttributes = 64;  // pairs that are kept; more are passed over
  static constexpr std::size_t kMaximumAttributeText = 256;

  std::uint32_t capabilities = 0;  // those that both sides have
  std::uint32_t client_capabilities = 0;
  std::uint32_t maximum_packet = 0;
  std::uint8_t collation = 0;
  std::string user;
  std::string auth_data;
  std::string plugin;  // empty when the client names none: mysql_native_password then
  std::vector<std::pair<std::string, std::string>> attributes;

  // The value of a connect attribute; empty when the client did not send it.
  [[nodiscard]] std::string attribute(std::string_view name) const;
};

// True when the packet only asks for TLS (SSLRequest): the first 32 bytes of a response, with the TLS bit.
[[nodiscard]] bool is_tls_request(base::ByteView payload);

// Errors: malformed; unsupported for a client older than the 4.1 protocol.
[[nodiscard]] base::Result<HandshakeResponse> parse_handshake_response(base::ByteView payload, std::uint32_t offered);

}  // namespace relay::wire
