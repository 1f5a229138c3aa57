#include "relay/app/egress.h"

#include "relay/proof/canary_check.h"
#include "relay/proof/egress_proof.h"

namespace relay::app {

Egress::Egress(bool prove, const std::vector<proof::Canary>& canaries) : prove_(prove) {
  if (canaries.empty()) return;
  canaries_.emplace(proof::CanarySearch::make(canaries).value());
}

void Egress::guard(spool::SpoolWriter& writer, const scrub_rules::RuleSet& rules,
                   const scrub_rules::SchemaHistory& history, binlog::Flavor flavor, bool fold_case) {
  writer.check_with(nullptr);
  proof::CanarySearch* const canaries = canaries_ ? &*canaries_ : nullptr;
  if (prove_) {
    expectations_ = std::make_unique<scrub_rules::EgressExpectations>(rules, history, flavor, fold_case);
    check_ = std::make_unique<proof::EgressProof>(*expectations_, made_, canaries);
  } else if (canaries != nullptr) {
    check_ = std::make_unique<proof::CanaryCheck>(*canaries);
  }
  writer.check_with(check_.get());
}

}  // namespace relay::app
