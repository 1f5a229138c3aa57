#pragma once

#include <string>

#include "relay/base/result.h"
#include "relay/source/dump_command.h"
#include "relay/source/source_facts.h"
#include "relay/spool/spool_types.h"

namespace relay::app {

// Whether a spool with these GTIDs is gone on with by GTID at this source.
[[nodiscard]] bool resumes_by_gtid(const source::SourceFacts& facts, const spool::GtidState& gtids);

// For the log: "binlog.000007:154" or the GTIDs that are had already.
[[nodiscard]] std::string describe_start(const source::DumpRequest& request);

// "0-1-100" or "uuid:1-5"; empty for an empty state.
[[nodiscard]] std::string gtid_text(const spool::GtidState& gtids);

}  // namespace relay::app
