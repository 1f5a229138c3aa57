#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// Counts of the whole source by their names, since its start: SHOW GLOBAL STATUS. A statement counts (Com_...) from
// when it begins.
using StatusCounts = std::map<std::string, std::uint64_t>;

// Errors: those of the connection; malformed where the source does not say one of `names`.
[[nodiscard]] base::Result<StatusCounts> read_status_counts(source::SourceConnection& connection,
                                                            std::span<const std::string_view> names);

}  // namespace relay::seed
