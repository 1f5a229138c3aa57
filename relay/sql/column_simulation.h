#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "relay/sql/alter_simulation.h"

namespace relay::sql {

// What became of the columns' names. Names of columns that are gone have no new name.
class RenamedColumns {
 public:
  void add(std::string_view before, std::string after);
  // Empty when the column is gone.
  [[nodiscard]] std::string new_name(std::string_view name) const;
  // Leaves out what is gone.
  void rename_all(std::vector<std::string>& names) const;

 private:
  std::unordered_map<std::string, std::string> names_;
};

// The columns' part of simulate(): fills columns and versioning of `outcome.after`, its origins, what was left of each
// placed column, and the names of the clauses that concern columns. `characters` are the table's after the statement.
[[nodiscard]] base::Result<RenamedColumns> simulate_columns(const AlterTable& alter, const TableDefinition& before,
                                                            const CharacterDefaults& characters, AlterOutcome& outcome);

// The statement does not fit what is known of the table.
[[nodiscard]] tl::unexpected<base::Error> contradicts(const TableDefinition& before, base::FixedText what);

}  // namespace relay::sql
