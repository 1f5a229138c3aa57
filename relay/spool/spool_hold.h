#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::spool {

// What a snapshot needs of the spool: the files from one on, until a replica that was made of it has come for them. It
// stands in a file "hold.NAME.json" of the spool's folder, so that another program than the relay can place it.
struct SpoolHold {
  std::string name;         // letters and digits
  std::uint32_t from = 0;   // the number of a spool file
  std::uint32_t until = 0;  // seconds since 1970; after it the hold is void
  friend bool operator==(const SpoolHold&, const SpoolHold&) = default;
};

// A snapshot that nobody made a replica of does not fill the disk for good.
inline constexpr std::chrono::hours kLongestHold{24 * 14};

[[nodiscard]] std::string hold_path(const std::string& directory, const std::string& name);

// Places a hold, or puts it in the place of the one of its name. Durable when it returns. Errors: io.
[[nodiscard]] base::Result<void> place_hold(base::FileSystem& files, const std::string& directory,
                                            const SpoolHold& hold);
// Takes it away, if it is there. Errors: io.
[[nodiscard]] base::Result<void> release_hold(base::FileSystem& files, const std::string& directory,
                                              const std::string& name);
// All of them, in the order of their names. Errors: io; malformed, with the file's path.
[[nodiscard]] base::Result<std::vector<SpoolHold>> read_holds(base::FileSystem& files, const std::string& directory);

}  // namespace relay::spool
