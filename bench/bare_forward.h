#pragma once

#include <cstdint>
#include <string>

namespace relay::bench {

// An SSH server of this machine, whom to log in as there, and where it shall listen.
struct SshHost {
  std::uint16_t port = 0;
  std::uint16_t remote_port = 0;
  std::string user;
  std::string key_file;
  std::string known_hosts;
};

// What libssh2 can do at best: logs in with the ciphers given, or else those that the relay offers, has the host
// listen, and writes zeros from memory into each connection until that ends. Prints what was agreed on. Returns never;
// throws when it cannot.
void forward_zeros(const SshHost& host, const std::string& ciphers);

}  // namespace relay::bench
