#pragma once

#include "relay/base/result.h"
#include "relay/binlog/format_description.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::source {

// The format description with which the source writes now, read from the end of its binary log. `dump` is a connection
// made for streaming, and is used up; `at` is the log's end. Errors: those of connection and stream.
[[nodiscard]] base::Result<binlog::FormatDescription> probe_format(SourceConnection& dump, const SourceFacts& facts,
                                                                   const LogPosition& at);

}  // namespace relay::source
