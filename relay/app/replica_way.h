#pragma once

#include <memory>
#include <string_view>

#include "relay/app/configuration.h"
#include "relay/app/replica_url.h"
#include "relay/base/result.h"
#include "relay/source/source_settings.h"

namespace relay::app {

// The way to a replica's server that a URL names: straight, or through one of the configuration's tunnels, which is up
// for as long as this lives.
class ReplicaWay {
 public:
  // Reads the URL and opens the tunnel, if it names one. Errors: those of read_replica_url(); configuration for a
  // tunnel that is not in the configuration.
  [[nodiscard]] static base::Result<ReplicaWay> open(std::string_view url, const Configuration& configuration);
  ReplicaWay(ReplicaWay&&) noexcept;
  ReplicaWay& operator=(ReplicaWay&&) noexcept;
  ~ReplicaWay();

  // For connections to the server; valid for as long as this lives.
  [[nodiscard]] const source::SourceSettings& connection() const;

 private:
  struct State;
  explicit ReplicaWay(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace relay::app
