#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "relay/base/back_off.h"
#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/network_watch.h"
#include "tunnel/tunnel_settings.h"
#include "tunnel/tunnel_status.h"

namespace relay::tunnel {

// Keeps one SSH tunnel up, in a thread of its own: dials out, has the host listen, carries what connects there to an
// address here, and dials again when that ends, after a growing time or at once when the network comes back.
class SshTunnel {
 public:
  explicit SshTunnel(TunnelSettings settings);
  ~SshTunnel();
  SshTunnel(const SshTunnel&) = delete;
  SshTunnel& operator=(const SshTunnel&) = delete;

  // Cuts what goes through it and ends the thread. For the owner; the destructor does it, too.
  void stop();
  // Any thread.
  [[nodiscard]] TunnelStatus status() const { return status_.get(); }

 private:
  void run();
  // One session from dialling to its end, and why it ended.
  [[nodiscard]] base::Error run_session(bool& was_open);
  void tell(const base::Error& error, bool was_open);
  void wait(TunnelState state, std::chrono::steady_clock::time_point begun);

  const TunnelSettings settings_;
  TunnelStatusBoard status_;
  base::StopToken stop_;
  NetworkWatch network_;
  base::BackOff back_off_;
  std::string told_;  // the last error that was logged
  std::thread thread_;
};

// What a tunnel would come to, tried once.
struct TunnelTrial {
  std::string host_key;                // "ssh-ed25519 SHA256:..."
  std::optional<base::Error> refusal;  // the host let us in, but refuses to listen: another session may have the port
};

// Dials, checks the host's key, logs in, has the host listen, and ends that again. Errors: as SshSession::open() and
// listen().
[[nodiscard]] base::Result<TunnelTrial> try_tunnel(const TunnelSettings& settings, const base::StopToken& stop);

}  // namespace relay::tunnel
