#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/column_type.h"
#include "relay/binlog/flavor.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/cell_action.h"
#include "scrub_rules/key_ring.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

// What helps where a table map and the schema history differ.
inline constexpr base::FixedText kReadSchemaAgain{
    "compare the table at the source with `binlog-relay check`; then let the relay read the schema again"};

enum class CellFate : std::uint8_t { keep, drop, null, replace, transform };

// What is done to the values of one column, wherever rows come from: the binary log or a snapshot.
struct ColumnTreatment {
  CellFate fate = CellFate::drop;
  std::string replacement;                         // the cell for `replace`
  std::shared_ptr<const CellTransform> transform;  // for `transform`
};

// `collation` is the id that a table map gives for the column; 0 where none does. Errors, without a subject: rule,
// where that contradicts the declaration; those of CellTransform::make(), encode_constant() and encode_zero_value().
[[nodiscard]] base::Result<ColumnTreatment> treat_column(const ColumnPlan& plan, const sql::ColumnDefinition& declared,
                                                         const binlog::ColumnType& type, binlog::Flavor flavor,
                                                         std::uint32_t collation, const KeyRing& keys);

}  // namespace relay::scrub_rules
