#include "relay/wire/handshake_response.h"

#include "relay/base/byte_reader.h"
#include "relay/wire/protocol.h"

namespace relay::wire {

namespace {

constexpr std::size_t kTlsRequestSize = 32;
constexpr std::size_t kFillerSize =
    23;  // its last four bytes are MariaDB's extended capabilities, which the relay does not offer

base::ByteView read_auth_data(base::ByteReader& reader, std::uint32_t capabilities) {
  if ((capabilities & kClientLengthEncodedAuth) != 0) return reader.length_encoded_bytes();
  if ((capabilities & kClientSecureConnection) != 0) return reader.bytes(reader.u8());
  return reader.null_terminated();
}

// The attributes come last and serve only for telling clients apart: a block that is cut off is an error, one too many
// is not.
bool read_attributes(base::ByteView block, HandshakeResponse& into) {
  base::ByteReader reader(block);
  while (reader.ok() && reader.remaining() > 0) {
    const base::ByteView name = reader.length_encoded_bytes();
    const base::ByteView value = reader.length_encoded_bytes();
    if (!reader.ok()) return false;
    if (into.attributes.size() == HandshakeResponse::kMaximumAttributes) continue;
    if (name.size() > HandshakeResponse::kMaximumAttributeText ||
        value.size() > HandshakeResponse::kMaximumAttributeText)
      continue;
    into.attributes.emplace_back(name.text(), value.text());
  }
  return true;
}

}  // namespace

std::string HandshakeResponse::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return {};
}

bool is_tls_request(base::ByteView payload) {
  if (payload.size() != kTlsRequestSize) return false;
  base::ByteReader reader(payload);
  return (reader.u32() & kClientTls) != 0;
}

base::Result<HandshakeResponse> parse_handshake_response(base::ByteView payload, std::uint32_t offered) {
  base::ByteReader reader(payload);
  HandshakeResponse response;
  response.client_capabilities = reader.u32();
  if (reader.ok() && (response.client_capabilities & kClientProtocol41) == 0) {
    return base::fail(base::ErrorKind::unsupported, "the client speaks a protocol older than MySQL 4.1");
  }
  response.capabilities = response.client_capabilities & offered;
  response.maximum_packet = reader.u32();
  response.collation = reader.u8();
  reader.skip(kFillerSize);
  const base::ByteView user = reader.null_terminated();
  if (user.size() > HandshakeResponse::kMaximumUser) reader.fail();
  response.user = user.text();
  response.auth_data = read_auth_data(reader, response.capabilities).text();
  // Some clients set the bit and end the packet without the field it announces.
  if ((response.capabilities & kClientConnectWithDatabase) != 0 && reader.remaining() > 0) reader.null_terminated();
  if ((response.capabilities & kClientPluginAuth) != 0 && reader.remaining() > 0) {
    response.plugin = reader.null_terminated().text();
  }
  bool attributes_are_right = true;
  if ((response.capabilities & kClientConnectAttributes) != 0 && reader.remaining() > 0) {
    attributes_are_right = read_attributes(reader.length_encoded_bytes(), response);
  }
  if (!reader.ok() || !attributes_are_right) {
    return base::fail(
        base::Error(base::ErrorKind::malformed, "the client's log-in packet is broken").at(reader.position()));
  }
  return response;
}

}  // namespace relay::wire
