#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "relay/sql/statement_tree.h"

// From the trees of a statement to definitions: what the server makes of what was written.
namespace relay::sql {

struct CharacterDefaults {
  std::string character_set;
  std::string collation;
};

// What a table's options make of the defaults of its database.
[[nodiscard]] CharacterDefaults table_characters(const TableOptions& options, const CharacterDefaults& inherited);
[[nodiscard]] ColumnDefinition make_column(const ColumnSpec& spec, const CharacterDefaults& table,
                                           const SqlContext& context);
// What CONVERT TO CHARACTER SET makes of a column.
void convert_column(ColumnDefinition& column, const CharacterDefaults& target);

// Finds the columns that expressions name.
class ColumnNames {
 public:
  explicit ColumnNames(const std::vector<ColumnDefinition>& columns);
  void add(const std::vector<ColumnDefinition>& columns);
  // The columns that `expression` names, each once. Names more rather than fewer where it cannot be told.
  [[nodiscard]] std::vector<std::string> named_in(const TokenList& expression) const;

 private:
  std::unordered_map<std::string, std::string> names_;  // folded to declared
};

[[nodiscard]] std::vector<std::string> dependencies(const ColumnSpec& spec, const ColumnNames& names);

// Adds `spec` to the table's indexes under the name that the server chooses, and makes the columns of a primary key NOT
// NULL. Returns the name, or an empty one when the server makes no such index because another serves the foreign key.
// Errors: the index names a column that is not there.
[[nodiscard]] base::Result<std::string> add_index(TableDefinition& table, const IndexSpec& spec,
                                                  const ColumnNames& names, const SqlContext& context);
// What ALTER TABLE makes of MariaDB's unique indexes with a hidden hash column: it forgets USING HASH, and goes by the
// columns' lengths.
void decide_hashes(TableDefinition& table, const SqlContext& context);
[[nodiscard]] std::string add_foreign_key(TableDefinition& table, const ForeignKeySpec& spec);
[[nodiscard]] std::string add_check(TableDefinition& table, const CheckSpec& spec, const ColumnNames& names,
                                    Dialect dialect);
void set_partitioning(TableDefinition& table, const PartitionSpec& spec, const ColumnNames& names);
void add_row_period_columns(TableDefinition& table);

// What the columns of an application-time period become.
void set_not_null(TableDefinition& table, const PeriodDefinition& period);

[[nodiscard]] bool is_text_type(const std::string& type);  // has a character set
[[nodiscard]] bool is_blob_type(const std::string& type);  // BLOB and TEXT of every size
[[nodiscard]] IndexDefinition* find_index(TableDefinition& table, std::string_view name);
[[nodiscard]] const IndexDefinition* find_index(const TableDefinition& table, std::string_view name);

}  // namespace relay::sql
