#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/channel_join.h"
#include "tunnel/descriptor.h"
#include "tunnel/ssh_session.h"
#include "tunnel/tunnel_settings.h"

namespace relay::tunnel {

// Carries connections that are made here to an address as an SSH host sees it. They are made to a Unix socket in a
// folder that no other account of this machine may enter. The session is dialled when it is needed: one that is lost
// ends its connections, and the next connection dials anew. What the settings say of listening is not used.
class SshForward {
 public:
  // Dials and logs in once, so that a mistake is told at once. Errors: those of SshSession::open(); io.
  [[nodiscard]] static base::Result<std::unique_ptr<SshForward>> open(TunnelSettings settings, std::string host,
                                                                      std::uint16_t port);
  ~SshForward();
  SshForward(const SshForward&) = delete;
  SshForward& operator=(const SshForward&) = delete;

  // The socket's path.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  SshForward(TunnelSettings settings, std::string host, std::uint16_t port);
  [[nodiscard]] base::Result<void> listen();
  [[nodiscard]] base::Result<void> dial();
  void run();
  [[nodiscard]] base::Result<void> turn();
  void take_connections();
  [[nodiscard]] base::Result<void> open_next();
  void tell_refusal(SshSession::Opening why);
  void drop(const base::Error& error);
  void wait();

  const TunnelSettings settings_;
  const std::string host_;
  const std::uint16_t port_;
  std::string folder_, path_;
  Descriptor listener_;
  std::unique_ptr<SshSession> session_;
  std::vector<std::unique_ptr<ChannelJoin>> joins_;  // never without a session
  std::deque<Descriptor> arrived_;                   // connections that have no channel yet
  Deadline idle_since_{};
  bool at_once_ = false;
  bool takes_in_ = false;  // something takes in what the host sends
  base::StopToken stop_;
  std::thread thread_;
};

}  // namespace relay::tunnel
