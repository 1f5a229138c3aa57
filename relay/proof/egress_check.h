#pragma once

#include <cstdint>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::proof {

// What was written to a spool file in one go.
enum class WrittenPart : std::uint8_t {
  opening,      // from the start of the file: magic, format description, GTIDs before
  transaction,  // one whole transaction
  closing,      // the ROTATE to the next file
};

// Looks at what was written to a spool file before anybody can see it. One thread, the writer's.
class EgressCheck {
 public:
  virtual ~EgressCheck() = default;
  // [begin, end) of `file` holds the whole part, as it would be published. An error stops the stream: nothing of the
  // part is published. Errors: io; rule for everything that may not leave.
  [[nodiscard]] virtual base::Result<void> check(base::File& file, WrittenPart part, std::uint64_t begin,
                                                 std::uint64_t end) = 0;
};

}  // namespace relay::proof
