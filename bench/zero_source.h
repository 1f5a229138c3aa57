#pragma once

#include <cstdint>

#include "tunnel/tls_context.h"

namespace relay::bench {

// Sends zeros to each that connects to this port, one after the other. Returns never; throws when it cannot.
void send_zeros(std::uint16_t port);

// Does for the TLS stream of a replica's session what a TLS proxy does: hands on to each that connects what a
// connection to `source` brings.
void send_by_tls(std::uint16_t port, std::uint16_t source, const tunnel::TlsFiles& files);

}  // namespace relay::bench
