#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "relay/proof/canary_search.h"
#include "relay/proof/egress_check.h"
#include "relay/proof/made_statements.h"
#include "relay/spool/spool_writer.h"
#include "scrub_rules/egress_expectations.h"

namespace relay::app {

// Who looks at what was written before it is published, as the configuration wants it: the second decoder, the search
// for canaries, both or nobody. The source thread owns it.
class Egress {
 public:
  // REQUIRES: the canaries were checked by read_configuration().
  Egress(bool prove, const std::vector<proof::Canary>& canaries);

  // From here on `writer` has everything looked at that it writes. All references must outlive this, or the next call.
  void guard(spool::SpoolWriter& writer, const scrub_rules::RuleSet& rules, const scrub_rules::SchemaHistory& history,
             binlog::Flavor flavor, bool fold_case);
  // Where the scrubber's statement writer tells what it makes.
  [[nodiscard]] proof::MadeStatements* made() { return &made_; }

 private:
  bool prove_;
  std::optional<proof::CanarySearch> canaries_;
  proof::MadeStatements made_;
  std::unique_ptr<scrub_rules::EgressExpectations> expectations_;
  std::unique_ptr<proof::EgressCheck> check_;
};

}  // namespace relay::app
