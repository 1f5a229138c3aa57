#pragma once

#include <string>

#include "relay/sql/statement_tree.h"

namespace relay::sql {

// How much of a column is printed.
struct ColumnPrinting {
  bool literals = true;  // false: no DEFAULT, ON UPDATE or CHECK
  bool default_value = true;
  bool auto_increment = true;
  bool not_null = false;     // what the server makes of it
  std::vector<bool> checks;  // which of the column's are printed
};

// Writes statements anew from their trees, so that they read the same under the sql_mode and the client's character set
// of the context. Names are always quoted with back-ticks. The context must outlive the printer.
class Printer {
 public:
  explicit Printer(const SqlContext& context) : context_(context) {}

  Printer& text(std::string_view words);  // keywords and punctuation of the program's own
  Printer& name(std::string_view identifier);
  Printer& table(const TableName& name);
  Printer& number(std::uint64_t value);
  Printer& tokens(const TokenList& list);
  Printer& names(const std::vector<std::string>& list);  // (`a`, `b`)

  void column(const ColumnSpec& spec, const ColumnPrinting& printing);
  // `parts` of the definition decide which parts are printed; expressions and order come from the tree.
  void index(const IndexSpec& spec, const IndexDefinition& definition);
  void index(const IndexDefinition& definition);
  // An AUTO_INCREMENT column as its definition tells, with or without that attribute.
  void counter(const ColumnDefinition& column, bool auto_increment);
  void period(const PeriodDefinition& definition);
  void foreign_key(const ForeignKeySpec& spec, std::string_view constraint);
  void check(const CheckSpec& spec, std::string_view constraint);
  // COLLATE and CHARACTER SET in the words of the source's version.
  void characters(std::string_view character_set, std::string_view collation);
  void options(const TableOptions& options, bool auto_increment);
  void partitioning(const PartitionSpec& spec);
  void partition_list(const std::vector<PartitionDefinition>& list);
  void partition(const PartitionDefinition& definition) { definition_values(definition, false); }

  [[nodiscard]] bool empty() const { return out_.empty(); }
  // The text in the client's character set. Error: a name cannot be written in it.
  [[nodiscard]] base::Result<std::string> take();
  // The text so far, in utf8mb4.
  [[nodiscard]] std::string piece() { return std::move(out_); }

 private:
  void token(const Token& token);
  void string(const Token& token);
  void quoted(std::string_view value);
  void type(const TypeSpec& type);
  void default_value(const ColumnSpec& spec, const ColumnPrinting& printing);
  void column_attributes(const ColumnSpec& spec, const ColumnPrinting& printing);
  void index_head(IndexKind kind, std::string_view name);
  void index_options(const IndexSpec& spec);
  void definition_values(const PartitionDefinition& definition, bool sub);
  [[nodiscard]] std::string set_name(std::string_view canonical) const;

  const SqlContext& context_;
  std::string out_;
};

}  // namespace relay::sql
