#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/byte_stream.h"
#include "tunnel/tcp_stream.h"

namespace relay::tunnel {

// The agent that holds keys of the relay's account: PROTOCOL.agent of OpenSSH. libssh2 has a client for it, too, whose
// waits for the agent nothing ends. One thread owns it; every wait ends at the deadline or when a stop is asked for.
class SshAgent {
 public:
  using Bytes = std::vector<std::uint8_t>;
  // `path` is the agent's socket, as in SSH_AUTH_SOCK; `stop` must outlive the agent. Errors: configuration (no such
  // agent).
  [[nodiscard]] static base::Result<SshAgent> connect(const std::string& path, Deadline deadline,
                                                      const base::StopToken& stop);

  // The public keys, in SSH's own form, of those that tunnels can use. Errors: io, interrupted, peer (not understood).
  [[nodiscard]] base::Result<std::vector<Bytes>> keys();
  // The bare signature, without its algorithm, of `data` by the private key that belongs to `key`. Errors: as keys();
  // peer also when the agent refuses.
  [[nodiscard]] base::Result<Bytes> sign(base::ByteView key, base::ByteView data);

 private:
  SshAgent(std::unique_ptr<ByteStream> stream, Deadline deadline) : stream_(std::move(stream)), deadline_(deadline) {}
  [[nodiscard]] base::Result<Bytes> ask(const Bytes& question);
  [[nodiscard]] base::Result<void> read_exactly(std::uint8_t* into, std::size_t size);

  std::unique_ptr<ByteStream> stream_;
  Deadline deadline_;
};

}  // namespace relay::tunnel
