#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::sql {

// A CREATE TABLE in parts: the table as rows are loaded into it, and what is cheaper to add behind them. Together they
// make the table that the whole statement makes.
struct SplitCreate {
  std::string create;
  std::vector<std::string> indexes;  // ALTER TABLE, to be run in this order; a table's FULLTEXT indexes one by one
  std::string foreign_keys;          // ALTER TABLE, for when all tables have their indexes; empty: none
};

// Splits a CREATE TABLE whose names are all quoted, as rewrite() prints it. What stays in it: columns, checks, periods,
// the primary key, the index that an AUTO_INCREMENT column needs, all unique indexes of a table without a primary key
// (InnoDB orders the rows by one, partitions may be made by one), and MariaDB's unique indexes by hash, which ALTER
// TABLE makes in another way. A statement that is not read with certainty stays whole: read back and applied, the parts
// have to make the same table. `databases` gives databases' character sets.
[[nodiscard]] SplitCreate split_create(std::string_view create, const SqlContext& context, const Catalog& databases);

}  // namespace relay::sql
