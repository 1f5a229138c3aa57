#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/spool/spool_hold.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_reader.h"

namespace relay::spool {

// How much of the spool is kept. A file goes when either limit says so; without limits nothing goes.
struct KeepPolicy {
  std::optional<std::chrono::seconds> age;  // since the file was finished
  std::optional<std::uint64_t> size;        // bytes of all spool files and journals together
  // Bytes that are kept before the place that a known replica has been sent up to, whatever the limits say: it has not
  // read what still lies in the buffers on the way, and asks for it again when they are lost.
  std::uint64_t in_flight = 0;
};

// Removes the oldest spool files, with their journals, that `policy` does not keep. Never the last file, never one that
// a reader stands in or that comes behind such a one, never `lowest_needed` (the file in which the known replica that
// is farthest behind stands), what may be in flight to it, or a later one, and none that one of the `holds` names.
// `now` is in seconds since 1970. Any one thread, beside the writer. The number of files removed.
[[nodiscard]] base::Result<std::size_t> purge(base::FileSystem& files, SpoolIndex& index, const SpoolLeases& leases,
                                              const KeepPolicy& policy, std::optional<std::uint32_t> lowest_needed,
                                              std::span<const SpoolHold> holds, std::uint32_t now);

}  // namespace relay::spool
