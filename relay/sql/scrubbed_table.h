#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "relay/sql/definition_maker.h"
#include "relay/sql/printer.h"

namespace relay::sql {

// Finds the definition of a table that a foreign key points to; null when not known.
using FindTable = std::function<const TableDefinition*(const TableName&)>;

// What a replica has of one table: its definition with the fates of its columns applied.
class ScrubbedTable {
 public:
  // Borrows the definition and `fates`, which must outlive it.
  ScrubbedTable(const TableDefinition& definition, const TableFates& fates, FindTable find);

  [[nodiscard]] bool leaves() const { return leaves_; }
  [[nodiscard]] const TableDefinition& source() const { return definition_; }
  // Of a column of the source; a column that is not there is stripped.
  [[nodiscard]] ColumnFate fate(std::string_view column) const;
  [[nodiscard]] bool stripped(std::string_view column) const { return fate(column) == ColumnFate::stripped; }
  [[nodiscard]] bool keeps(std::string_view column) const { return fate(column) == ColumnFate::keeps; }
  [[nodiscard]] bool keeps_all(const std::vector<std::string>& columns) const;
  // How the values of a column are made; empty where they are not made of the source's.
  [[nodiscard]] std::string mapping(std::string_view column) const;
  // What a column has in every row, as the rules spell it, where the source's is NULL, too.
  [[nodiscard]] std::optional<std::string> constant(std::string_view column) const;
  [[nodiscard]] bool filled(std::string_view column) const { return constant(column).has_value(); }
  // Whether a value leaves of `column` as it does of `others`, a column of `other`.
  [[nodiscard]] bool leaves_alike(std::string_view column, const ScrubbedTable& other, std::string_view others) const;

  // What is left of an index; nothing when it is not at the replica.
  [[nodiscard]] std::optional<IndexDefinition> index(const IndexDefinition& index) const;
  [[nodiscard]] bool keeps_key(const ForeignKeyDefinition& key) const;
  // Whether an index of the replica begins with the columns of a foreign key of this table.
  [[nodiscard]] bool serves(const ForeignKeyDefinition& key) const;
  [[nodiscard]] bool keeps_period(const PeriodDefinition& period) const {
    return keeps(period.start) && keeps(period.end);
  }
  [[nodiscard]] bool keeps_check(const CheckDefinition& check) const { return keeps_all(check.depends_on); }
  [[nodiscard]] bool partitioned() const { return definition_.partitioned && keeps_all(definition_.partition_columns); }
  // AUTO_INCREMENT needs an index that begins with its column.
  [[nodiscard]] bool keeps_auto_increment(std::string_view column) const;
  [[nodiscard]] TableDefinition definition() const;
  [[nodiscard]] ColumnPrinting printing(const ColumnSpec& spec) const;

  // Errors (rule) where the replica's table could not stay correct: no visible column left, a primary key or a period
  // of system versioning that does not leave as it is, and cascades of foreign keys that are not at the replica and not
  // in the binary log. Foreign keys that the replica did not have of `before` either are not looked at.
  [[nodiscard]] base::Result<void> verify(const ScrubbedTable* before, const SqlContext& context) const;
  // Errors (rule) where the replica has `key`, one that a statement makes, and rows on either side that are older than
  // a column of it: their pseudonyms are not there, so the replica would refuse rows, or cascades would miss them.
  [[nodiscard]] base::Result<void> verify_older_rows(const ForeignKeyDefinition& key) const;

 private:
  // As its own columns leave, whatever else needs it.
  [[nodiscard]] std::optional<IndexDefinition> unaided_index(const IndexDefinition& index) const;
  [[nodiscard]] bool stays_unique(const IndexDefinition& index, const IndexPart& part) const;
  [[nodiscard]] bool agrees(std::string_view column, const ScrubbedTable& other, std::string_view referenced) const;
  [[nodiscard]] const TableDefinition* known_parent(const ForeignKeyDefinition& key) const;
  [[nodiscard]] TableDefinition implied_parent(const ForeignKeyDefinition& key) const;
  [[nodiscard]] bool leads_to(const ForeignKeyDefinition& key, const TableDefinition& parent) const;
  [[nodiscard]] bool lacks_key(std::string_view name) const;  // it is the source's and not the replica's
  [[nodiscard]] base::Result<void> verify_cascades(const ForeignKeyDefinition& key) const;

  const TableDefinition& definition_;
  const TableFates& fates_;
  FindTable find_;
  bool leaves_ = false;
  std::unordered_map<std::string, ColumnFate> by_name_;
  std::unordered_map<std::string, std::string> mappings_;   // by folded name
  std::unordered_map<std::string, std::string> constants_;  // by folded name
};

// Whether a default takes its value from a sequence of MariaDB: sequences do not leave.
[[nodiscard]] bool reads_sequence(const TokenList& expression);

// Whether two tables are the same to a replica: columns, indexes, periods, partitioning and versioning.
[[nodiscard]] bool same_columns(const TableDefinition& a, const TableDefinition& b);
[[nodiscard]] bool same_index(const IndexDefinition& a, const IndexDefinition& b);
[[nodiscard]] bool same_table(const TableDefinition& a, const TableDefinition& b);

}  // namespace relay::sql
