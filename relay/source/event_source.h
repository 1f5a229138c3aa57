#pragma once

#include <optional>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::source {

// Where raw events come from: a running dump, or a file in tests.
class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // The next event as it was sent, header to checksum; none when the source says that there is no more. The view is
  // valid until the next call.
  [[nodiscard]] virtual base::Result<std::optional<base::ByteView>> read_event() = 0;
};

}  // namespace relay::source
