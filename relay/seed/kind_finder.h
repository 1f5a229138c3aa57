#pragma once

#include "relay/seed/proposal.h"

namespace relay::seed {

// What a column holds, by its name, type and values, without what is to be done with it: `action` stays drop.
[[nodiscard]] Proposal find_kind(const ColumnFacts& facts);

}  // namespace relay::seed
