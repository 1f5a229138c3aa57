#pragma once

#include "relay/binlog/event_view.h"
#include "relay/binlog/flavor.h"

namespace relay::binlog::test {

// Reads the event with everything that reads events of its type, and what comes out of that again: for tests that only
// ask whether reading hostile bytes stays within bounds. True when every reader took the event.
bool decode_all(const EventView& event, Flavor flavor);

}  // namespace relay::binlog::test
