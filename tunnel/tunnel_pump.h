#pragma once

#include <memory>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "tunnel/channel_join.h"
#include "tunnel/socket_address.h"
#include "tunnel/ssh_session.h"
#include "tunnel/tunnel_probe.h"
#include "tunnel/tunnel_status.h"

namespace relay::tunnel {

// Carries an open session: joins each connection that the host forwards to one of this machine, moves their bytes, and
// probes the way. One thread calls it, in turns: take in what has come, do for each connection what is possible, send,
// wait for something to happen.
class TunnelPump {
 public:
  // All references must outlive the pump; the session is listening. What connects to it is joined to `local`.
  TunnelPump(const TunnelSettings& settings, const SocketAddress& local, SshSession& session, TunnelStatusBoard& status,
             const base::StopToken& stop)
      : settings_(settings),
        local_(local),
        session_(session),
        status_(status),
        stop_(stop),
        probe_(session, settings) {}

  // Returns why the session ended: io, peer; interrupted when a stop was asked for.
  [[nodiscard]] base::Error run();
  // Whether the way through the tunnel was ever found to be good.
  [[nodiscard]] bool was_good() const { return probe_.round_trip().has_value(); }

 private:
  using Join = std::unique_ptr<ChannelJoin>;
  [[nodiscard]] base::Result<void> turn();
  [[nodiscard]] base::Result<void> take_in();
  [[nodiscard]] base::Result<void> judge_held(ChannelJoin& join, Deadline now);
  [[nodiscard]] base::Result<void> step_joins();
  void join_to_local(ChannelJoin& join);
  [[nodiscard]] std::size_t connections() const;
  void tell_local_failure(const base::Error& error);
  [[nodiscard]] base::Result<void> wait();

  const TunnelSettings& settings_;
  const SocketAddress local_;
  SshSession& session_;
  TunnelStatusBoard& status_;
  const base::StopToken& stop_;
  TunnelProbe probe_;
  std::vector<Join> joins_;
  bool at_once_ = false;             // the next turn has something to do already
  bool held_by_congestion_ = false;  // a connection has bytes for the host, of which too many wait to be sent
  bool is_full_told_ = false;
  std::string local_failure_;  // the last one that was told
};

}  // namespace relay::tunnel
