#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/proof/expectations.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// Says to the egress check what may leave, from rules and schema history, without the plans that the stream is
// rewritten under: which columns those are is found out a second time here (relay/proof/README.md says what is shared).
class EgressExpectations final : public proof::Expectations {
 public:
  // References must outlive it.
  EgressExpectations(const RuleSet& rules, const SchemaHistory& history, binlog::Flavor flavor, bool fold_case)
      : rules_(rules, fold_case, &history.lineage()), history_(history), flavor_(flavor) {}

  [[nodiscard]] base::Result<std::optional<proof::ExpectedTable>> table(const proof::WrittenMap& map) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;
  [[nodiscard]] std::uint64_t version() const override { return history_.version(); }

 private:
  RuleView rules_;
  const SchemaHistory& history_;
  binlog::Flavor flavor_;
};

}  // namespace relay::scrub_rules
