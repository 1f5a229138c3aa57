#pragma once

#include "relay/base/result.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/seed/status_counts.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// The tables that leave while nothing keeps others from coming and going. Borrows everything.
class StandingTables {
 public:
  [[nodiscard]] static base::Result<StandingTables> begin(source::SourceConnection& connection,
                                                          const source::SourceFacts& facts,
                                                          const source::LeavingTables& leaving);
  // Whether these tables, by their names, and no others were there at every moment since begin(). False also where
  // a statement that takes away a table has begun anywhere at the source, temporary ones too.
  [[nodiscard]] base::Result<bool> still() const;
  [[nodiscard]] const TableNames& names() const { return names_; }

 private:
  StandingTables(source::SourceConnection& connection, const source::SourceFacts& facts,
                 const source::LeavingTables& leaving)
      : connection_(connection), facts_(facts), leaving_(leaving) {}
  [[nodiscard]] base::Result<TableNames> read_names() const;
  [[nodiscard]] base::Result<StatusCounts> count_takings() const;

  source::SourceConnection& connection_;
  const source::SourceFacts& facts_;
  const source::LeavingTables& leaving_;
  StatusCounts takings_;
  TableNames names_;
};

}  // namespace relay::seed
