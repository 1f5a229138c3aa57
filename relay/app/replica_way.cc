#include "relay/app/replica_way.h"

#include <algorithm>
#include <utility>

#include "relay/app/tunnels.h"
#include "tunnel/ssh_forward.h"

namespace relay::app {

using base::Error;
using base::ErrorKind;
using base::Result;

struct ReplicaWay::State {
  ReplicaUrl url;
  std::unique_ptr<tunnel::SshForward> forward;
};

ReplicaWay::ReplicaWay(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReplicaWay::ReplicaWay(ReplicaWay&&) noexcept = default;
ReplicaWay& ReplicaWay::operator=(ReplicaWay&&) noexcept = default;
ReplicaWay::~ReplicaWay() = default;

Result<ReplicaWay> ReplicaWay::open(std::string_view url, const Configuration& configuration) {
  auto state = std::make_unique<State>();
  RELAY_ASSIGN(state->url, read_replica_url(base::posix_file_system(), url));
  source::SourceSettings& connection = state->url.connection;
  if (!state->url.tunnel.empty()) {
    const auto section = std::ranges::find(configuration.tunnels, state->url.tunnel, &TunnelSection::host);
    if (section == configuration.tunnels.end()) {
      return base::fail(Error(ErrorKind::configuration, "the URL names a tunnel that is not in the configuration")
                            .about(state->url.tunnel)
                            .remedy("write the host of one of the [[tunnels]]"));
    }
    RELAY_ASSIGN(state->forward, tunnel::SshForward::open(tunnel_settings(*section, configuration.replicas, 0),
                                                          connection.host, connection.port));
    connection.socket = state->forward->path();
    connection.socket_is_forwarded = true;
  }
  return ReplicaWay(std::move(state));
}

const source::SourceSettings& ReplicaWay::connection() const { return state_->url.connection; }

}  // namespace relay::app
