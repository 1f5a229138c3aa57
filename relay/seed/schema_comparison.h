#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/verify_findings.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_facts.h"
#include "relay/sql/table_definition.h"

namespace relay::seed {

// Which collation a server means where it shows a character set alone; by canonical names.
using DefaultCollations = std::map<std::string, std::string>;
[[nodiscard]] base::Result<DefaultCollations> read_default_collations(source::SourceConnection& connection);

// A CREATE TABLE and the server in whose words it is.
struct ShownTable {
  std::string_view create;
  const source::SourceFacts& facts;
  const source::CharacterSets& databases;
  const DefaultCollations& collations;
};

struct SchemaComparison {
  std::vector<SchemaDifference> differences;
  // Whether rows can be compared all the same: all columns are there, with the types and character sets that they
  // should have.
  bool rows_comparable = true;
  sql::TableDefinition expected, found;
};

// Compares the scrubbed table's definition with the replica's: columns (order, type, NULL, default, character set and
// collation, generated, AUTO_INCREMENT), indexes, engine, partitioning. What versions show in other words is equal:
// widths of integers, utf8 and utf8mb3, a key's own index of a foreign key. Names of columns and indexes are told, no
// other word of a definition. Errors: unsupported, for a definition that cannot be read.
[[nodiscard]] base::Result<SchemaComparison> compare_schema(const sql::TableName& table, const ShownTable& expected,
                                                            const ShownTable& found);

}  // namespace relay::seed
