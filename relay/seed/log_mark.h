#pragma once

#include <cstdint>
#include <optional>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/consistent_view.h"
#include "relay/source/change_scan.h"

namespace relay::seed {

// A place of the source's binary log, and what tells its file from another one of the same name (RESET MASTER).
struct LogMark {
  source::LogPlace place;
  std::uint32_t file_made = 0;  // 0: what is behind the place cannot be told
};

// The log's end as it is now, before a view is made: whatever the view lacks lies behind it, but see earlier_of(). A
// file that is younger than a second is waited for, since its time tells nothing. Errors: those of the connections,
// interrupted; not what the account may not ask for.
[[nodiscard]] base::Result<LogMark> read_log_mark(const ViewSettings& settings, LiveConnections& connections,
                                                  const base::StopToken& stop);

// Of a mark from before a view and the view's own place the one that comes first: MariaDB writes transactions to its
// log before views have them, and tells its end before that.
[[nodiscard]] LogMark earlier_of(const LogMark& mark, const ViewPosition& view);

// A scan that has come from one mark to another, so that little is left to scan when a view is held.
struct ScanAhead {
  LogMark up_to;
  source::ChangeScan scan;
};
// Nothing where the log cannot be read from there. Errors: those of a source that is away, interrupted.
[[nodiscard]] base::Result<std::optional<ScanAhead>> scan_ahead(const ViewSettings& settings,
                                                                LiveConnections& connections, const LogMark& from,
                                                                const LogMark& up_to);

// What is changed between a mark and a view's place, `ahead` being a scan from that mark; nothing where the log does
// not tell that, for `why`. Errors: those of a source that is away, interrupted.
[[nodiscard]] base::Result<std::optional<source::ChangeScan>> scan_changes(
    const ViewSettings& settings, LiveConnections& connections, const base::StopToken& stop, const LogMark& from,
    std::optional<ScanAhead> ahead, const ViewPosition& to, base::FixedText& why);

}  // namespace relay::seed
