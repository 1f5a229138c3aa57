#pragma once

#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/rows_event.h"
#include "scrub_rules/table_plan.h"

namespace relay::scrub_rules {

// Rewrites rows events under a plan. Output is a gather list: slices of the event for runs of untouched bytes, slices of own scratch memory and
// of the plan's replacements for the rest. Valid until the next call. Memory is reused and bounded by the event's size.
class RowRewriter {
 public:
  // The body of the rewritten event (post-header included), in slices. The version and kind stay; extra data (partition ids) is removed;
  // bits beyond the column count are cleared. `statement_end` sets or clears that flag.
  // Errors: malformed (names the offset in the event's body), unsupported.
  [[nodiscard]] base::Result<std::vector<base::ByteView>*> rewrite(const binlog::RowsEvent& event, const TablePlan& plan);

 private:
  std::vector<base::ByteView> slices_;
  base::Buffer scratch_;
};

}  // namespace relay::scrub_rules
