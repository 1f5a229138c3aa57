#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/proof/expectations.h"
#include "relay/proof/written_column.h"

namespace relay::proof {

// A table map that may leave, with what is known of its cells.
struct WrittenTable {
  std::string name;  // database.table, for messages
  std::vector<WrittenColumn> columns;
  std::vector<ExpectedColumn> expected;  // parallel to columns
  std::size_t json_columns = 0;
};

// Reads a table map's body behind the table id and holds it against what is expected of the table: that it leaves;
// number, order, types, nullability and names of its columns; nothing in the optional metadata but the known fields,
// each as long as its columns make it. Errors: rule, naming the table.
[[nodiscard]] base::Result<WrittenTable> read_table(base::ByteView definition, const Expectations& expectations,
                                                    bool mariadb);

}  // namespace relay::proof
