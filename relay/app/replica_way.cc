#include "relay/app/replica_way.h"

#include <utility>

namespace relay::app {

using base::ErrorKind;
using base::Result;

struct ReplicaWay::State {
  ReplicaUrl url;
};

ReplicaWay::ReplicaWay(std::unique_ptr<State> state) : state_(std::move(state)) {}
ReplicaWay::ReplicaWay(ReplicaWay&&) noexcept = default;
ReplicaWay& ReplicaWay::operator=(ReplicaWay&&) noexcept = default;
ReplicaWay::~ReplicaWay() = default;

Result<ReplicaWay> ReplicaWay::open(std::string_view url, const Configuration&) {
  auto state = std::make_unique<State>();
  RELAY_ASSIGN(state->url, read_replica_url(base::posix_file_system(), url));
  if (!state->url.tunnel.empty()) return base::fail(ErrorKind::unsupported, "tunnels to replicas are not there yet");
  return ReplicaWay(std::move(state));
}

const source::SourceSettings& ReplicaWay::connection() const { return state_->url.connection; }

}  // namespace relay::app
