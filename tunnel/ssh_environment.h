#pragma once

#include <utility>

#include "tunnel/ssh_memory.h"
#include "tunnel/ssh_socket.h"

namespace relay::tunnel {

// What one session of libssh2 has to work with: its callbacks are given a pointer to this ("abstract").
struct SshEnvironment {
  explicit SshEnvironment(Descriptor connection) : socket(std::move(connection)) {}
  SshMemory memory;
  SshSocket socket;
  bool listens_everywhere = false;  // the host says that it does, although it was asked for one address
  bool is_disconnected = false;     // the host has said that this is the end
};

}  // namespace relay::tunnel
