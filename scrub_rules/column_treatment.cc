#include "scrub_rules/column_treatment.h"

#include "relay/sql/character_set.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

// What is made of a text depends on its character set, and with fold = true on what its collation calls equal.
base::Result<void> check_collation(const Action& action, const sql::ColumnDefinition& declared,
                                   std::uint32_t collation) {
  const std::string_view set = character_set_of_collation(collation);
  if (set.empty() || declared.character_set.empty()) return {};
  if (set != declared.character_set) {
    return base::fail(Error(ErrorKind::rule, "the table map and the schema history differ in a column's character set")
                          .remedy(kReadSchemaAgain));
  }
  const bool by_default = declared.collation == sql::default_collation(declared.character_set);
  if (!action.fold || !by_default || is_usual_default(collation)) return {};
  return base::fail(Error(ErrorKind::rule,
                          "fold = true, and the column has a default collation that only a session or server with "
                          "another character_set_collations has")
                        .remedy("name the column's collation at the source, or remove fold, and begin a new spool"));
}

}  // namespace

base::Result<ColumnTreatment> treat_column(const ColumnPlan& plan, const sql::ColumnDefinition& declared,
                                           const binlog::ColumnType& type, binlog::Flavor flavor,
                                           std::uint32_t collation, const KeyRing& keys) {
  ColumnTreatment treatment;
  const bool null = plan.action.kind == ActionKind::null;
  if (keeps(plan)) {
    treatment.fate = CellFate::keep;
  } else if (null && declared.nullable) {
    treatment.fate = CellFate::null;
  } else if (plan.action.replaces()) {
    ColumnTraits traits = column_traits(declared, type, flavor);
    if (traits.character_set.empty()) traits.character_set = character_set_of_collation(collation);
    if (plan.action.computes()) {
      RELAY_TRY(check_collation(plan.action, declared, collation));
      RELAY_ASSIGN(treatment.transform, CellTransform::make(plan.action, traits, declared.collation, keys));
      treatment.fate = CellFate::transform;
      return treatment;
    }
    base::Buffer cell;
    RELAY_TRY(null ? encode_zero_value(traits, cell) : encode_constant(traits, plan.action.value, cell));
    treatment.fate = CellFate::replace;
    treatment.replacement = std::string(cell.view().text());
  }
  return treatment;
}

}  // namespace relay::scrub_rules
