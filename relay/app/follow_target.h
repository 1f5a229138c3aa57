#pragma once

#include "relay/app/commands.h"
#include "relay/app/configuration.h"
#include "relay/app/replica_url.h"
#include "relay/base/result.h"
#include "relay/seed/replica_position.h"

namespace relay::app {

// Where the replica of a URL follows: as said, or else where its tunnel ends, or else where the relay listens; with the
// first of [[replicas.accounts]], and TLS as [replicas] demands it. Errors: configuration where that is not certain.
[[nodiscard]] base::Result<seed::FollowTarget> follow_target(const Configuration& configuration, const ReplicaUrl& url,
                                                             const FollowArguments& arguments);

}  // namespace relay::app
