#pragma once

#include "relay/base/error.h"

namespace relay::seed {

// An error of a connection to a replica in words about a replica: source::client_error() has those of the source. Kind,
// number and subject stay.
[[nodiscard]] base::Error replica_error(const base::Error& error);

}  // namespace relay::seed
