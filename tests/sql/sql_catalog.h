#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/sql/ddl.h"

// What rewriting needs around it, in the simplest form.
namespace relay::sql::test {

inline constexpr std::uint64_t kAnsi = 0x4;
inline constexpr std::uint64_t kNoEscapes = 0x100000;

[[nodiscard]] SqlContext mysql(std::uint32_t version = 90704, std::uint64_t sql_mode = 0);
[[nodiscard]] SqlContext maria(std::uint32_t version = 101119, std::uint64_t sql_mode = 0);

class MapCatalog : public Catalog {
 public:
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override;
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view database) const override;
  [[nodiscard]] std::vector<const TableDefinition*> tables_with_foreign_keys() const override;
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view database) const override;
  void take(std::vector<CatalogChange> changes);
  // Reads and applies a statement that must be right; throws std::runtime_error.
  void run(const std::string& statement, const SqlContext& context);
  // By "database.table".
  [[nodiscard]] const std::map<std::string, TableDefinition>& definitions() const { return tables_; }

 private:
  std::map<std::string, TableDefinition> tables_;
};

// "t: secret=drop note=alter id=map1; u; d2.v: x=drop": the tables that leave, and the columns that do not keep their
// values; what follows map is how they are mapped; what begins with fill is a constant. A computed column that depends
// on one of those is stripped.
class RuleFates : public TableFates {
 public:
  explicit RuleFates(const std::string& rules);
  [[nodiscard]] TableFate fate_of(const TableDefinition& definition) const override;
  [[nodiscard]] bool table_leaves(const TableName& name) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;

 private:
  struct Rule {
    ColumnFate fate = ColumnFate::keeps;
    std::string mapping;
    std::optional<std::string> constant;
  };
  std::map<std::string, std::map<std::string, Rule>> rules_;
};

// Runs of blanks become one.
[[nodiscard]] std::string squeezed(const std::string& text);
// The one statement that a replica gets for `statement`, after those of `before`; empty when it gets none.
[[nodiscard]] base::Result<std::string> rewritten_text(const SqlContext& context,
                                                       const std::vector<std::string>& before, const std::string& rules,
                                                       const std::string& statement);

}  // namespace relay::sql::test
