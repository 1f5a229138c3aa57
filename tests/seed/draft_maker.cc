#include "draft_maker.h"

#include "relay/seed/rule_text.h"
#include "tests/scrub_rules/declared_column.h"

namespace relay::seed::testing {

TableDraft draft_of(const std::string& name, const std::vector<std::pair<std::string, std::string>>& columns) {
  TableDraft draft;
  draft.definition.database = "db";
  draft.definition.table = name;
  draft.definition.engine = "innodb";
  for (const auto& [column, type] : columns) {
    draft.definition.columns.push_back(scrub_rules::testing::declared_column(type, column));
    draft.columns.emplace_back();
    draft.columns.back().written = can_be_named(column);
  }
  return draft;
}

void add_index(TableDraft& draft, sql::IndexKind kind, const std::vector<std::string>& columns) {
  sql::IndexDefinition index;
  index.kind = kind;
  index.name = kind == sql::IndexKind::primary ? "PRIMARY" : "i";
  for (const std::string& column : columns) index.parts.push_back({column, {}, {}});
  draft.definition.indexes.push_back(index);
}

void add_foreign_key(TableDraft& draft, const std::string& column, const std::string& table,
                     const std::string& referenced, const std::string& on_delete) {
  sql::ForeignKeyDefinition key;
  key.name = "fk_" + column;
  key.columns = {column};
  key.referenced_table = table;
  key.referenced_columns = {referenced};
  key.on_delete = on_delete;
  draft.definition.foreign_keys.push_back(key);
}

void sample(TableDraft& draft, std::size_t column, const std::vector<std::string>& values) {
  const bool number = !is_text(draft.definition.columns[column]);
  for (const std::string& value : values) draft.columns[column].tally.add(value, number);
  draft.rows = values.size();
  draft.end = SampleEnd::complete;
}

}  // namespace relay::seed::testing
