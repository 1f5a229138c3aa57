#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "relay/base/secret.h"

namespace relay::tunnel {

// One SSH tunnel: whom to dial, how to log in, where that host shall listen, and where its connections lead to here.
// Move-only: it holds a passphrase.
struct TunnelSettings {
  std::string host;
  std::uint16_t port = 22;
  std::string user;
  std::string key_file;      // a private key; empty: the agent's keys
  base::Secret passphrase;   // of the key file; empty: it has none
  std::string agent_socket;  // used when there is no key_file
  std::string known_hosts;   // the file of pinned host keys
  std::string remote_host;   // as the SSH server is told it: "127.0.0.1", "" or "0.0.0.0" for all its addresses
  std::uint16_t remote_port = 0;
  bool requires_loopback = false;  // no other address will do: what is listening here needs no TLS
  std::string local_host;
  std::uint16_t local_port = 0;
  std::chrono::milliseconds keepalive{15000};
  std::chrono::milliseconds connect_timeout{15000};  // for connecting, logging in and listening together
  std::chrono::milliseconds first_delay{1000};       // after the first failure, then doubling
  std::chrono::milliseconds longest_delay{30000};

  // "tunnel@replica.example:22"
  [[nodiscard]] std::string name() const {
    const bool has_colon = host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(has_colon ? "{}@[{}]:{}" : "{}@{}:{}"), user, host, port);
  }
  [[nodiscard]] std::string remote_listen() const {
    const bool has_colon = remote_host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(has_colon ? "[{}]:{}" : "{}:{}"), remote_host, remote_port);
  }
  // Without an answer for so long, a session is dead.
  [[nodiscard]] std::chrono::milliseconds patience() const { return 3 * keepalive; }
};

}  // namespace relay::tunnel
