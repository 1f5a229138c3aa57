#pragma once

#include "relay/base/result.h"
#include "relay/binlog/event_type.h"

namespace relay::binlog {

// What a function of this room returns when an event of `type` is not as it should be.
inline tl::unexpected<base::Error> event_error(base::ErrorKind kind, base::FixedText what, EventType type) {
  return base::fail(base::Error(kind, what).in_event(static_cast<std::uint8_t>(type)));
}

}  // namespace relay::binlog
