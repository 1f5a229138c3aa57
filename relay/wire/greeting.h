#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "relay/base/buffer.h"
#include "relay/wire/protocol.h"

namespace relay::wire {

using Scramble = std::array<std::uint8_t, kScrambleSize>;

// 20 random bytes, none of them 0 or '$' (sql/auth/sql_authentication.cc keeps these out too: text ends at one, hashes
// part at the other).
[[nodiscard]] Scramble make_scramble();

// The server's first packet (HandshakeV10).
struct Greeting {
  std::string server_version;  // steers what replicas do next: 5.5.5- or MariaDB in it means GTIDs of MariaDB
  std::uint32_t connection_id = 0;
  Scramble scramble{};
  std::uint32_t capabilities = 0;
  std::uint8_t collation = 8;
  std::string plugin;
};

// What the relay offers. Not among it: DEPRECATE_EOF, QUERY_ATTRIBUTES (they change the form of everything after) and
// compression.
[[nodiscard]] std::uint32_t offered_capabilities(bool mariadb, bool tls);

// Appends the packet's payload.
void encode_greeting(const Greeting& greeting, base::Buffer& into);

}  // namespace relay::wire
