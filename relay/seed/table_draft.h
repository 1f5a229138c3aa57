#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "relay/seed/proposal.h"
#include "relay/sql/table_definition.h"

namespace relay::seed {

// How the sampling of a table ended.
enum class SampleEnd : std::uint8_t {
  complete,
  not_asked,     // no rows were asked for
  no_rows,       // the table is empty
  other_rows,    // the engine shows rows of other tables or servers
  no_privilege,  // the account may not SELECT
  time_limit,
  failed,  // the server answered with another error
};

// One column of a draft.
struct ColumnDraft {
  Proposal proposal;
  ValueTally tally;
  bool written = true;           // false: a rule says already what becomes of it, or no rule file can name it
  bool kept_by_default = false;  // a rule lets it leave without naming it
};

// What is proposed for one table, while it is still being settled.
struct TableDraft {
  sql::TableDefinition definition;
  std::vector<ColumnDraft> columns;  // in the order of `definition`
  std::size_t rows = 0;              // that were sampled
  SampleEnd end = SampleEnd::not_asked;
  int code = 0;                 // the server's error number; of `failed`
  bool ruled = false;           // a rule of the operator's holds for it
  std::uint32_t rule_line = 0;  // of the [[table]] that columns are added to; 0: none is
  bool unreadable = false;      // its definition was not or could not be read: only names are known
  std::string stands_for;       // the table whose working copy in a schema change it is; empty: it is none
  std::string held_back;        // why nothing of it leaves; empty: it leaves

  [[nodiscard]] bool nameable() const;
};

}  // namespace relay::seed
