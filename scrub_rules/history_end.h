#pragma once

#include <cstdint>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::scrub_rules {

// How many bytes of a schema history were confirmed to be on the disk, kept in a file of its own beside it: PATH.end,
// the number, a space, the CRC-32 of the number's text as 8 hex digits, a newline. A history that is shorter, or broken
// before that, was not left so by a crash, and rows must not be read by what is left of it.

// 0 where there is no such file. Errors: io; malformed.
[[nodiscard]] base::Result<std::uint64_t> read_history_end(base::FileSystem& files, const std::string& path);
// Durable when it returns; after an error the old or the new number counts.
[[nodiscard]] base::Result<void> write_history_end(base::FileSystem& files, const std::string& path,
                                                   std::uint64_t size);

}  // namespace relay::scrub_rules
