#include "relay/sql/table_maker.h"

#include <algorithm>

#include "relay/sql/character_set.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

bool is_versioned(const CreateTable& create) {
  return create.system_versioning ||
         std::any_of(create.parts.columns.begin(), create.parts.columns.end(),
                     [](const ColumnSpec& column) { return column.versioned.value_or(false); });
}

bool is_sequence(const TableOptions& options) {
  return std::any_of(options.others.begin(), options.others.end(),
                     [](const TableOption& option) { return option.name == "sequence" && option.text != "0"; });
}

Result<void> add_columns(TableDefinition& table, const CreateTable& create) {
  const CharacterDefaults characters{table.character_set, table.collation};
  for (const auto& spec : create.parts.columns) {
    if (table.find(spec.name)) {
      return base::fail(
          Error(ErrorKind::malformed, "CREATE TABLE names a column twice").about(table.database + "." + table.table));
    }
    table.columns.push_back(make_column(spec, characters, create.context));
  }
  const bool own_period =
      create.parts.period || std::any_of(create.parts.columns.begin(), create.parts.columns.end(),
                                         [](const ColumnSpec& column) { return !column.row_period.empty(); });
  table.system_versioned = is_versioned(create);
  if (table.system_versioned && !own_period) add_row_period_columns(table);
  return {};
}

TableDefinition empty_table(const CreateTable& create, const CharacterDefaults& database) {
  TableDefinition table;
  table.database = create.name.database;
  table.table = create.name.table;
  table.sequence = is_sequence(create.options);
  table.engine = folded(create.options.engine);
  CharacterDefaults characters = table_characters(create.options, database);
  table.character_set = std::move(characters.character_set);
  table.collation = std::move(characters.collation);
  return table;
}

}  // namespace

CharacterDefaults database_defaults(const Catalog& catalog, std::string_view database) {
  auto [set, collation] = catalog.database_character_set(database);
  std::string canonical_set = canonical_character_set(set);
  collation = collation.empty() ? default_collation(canonical_set) : canonical_collation(collation);
  return {std::move(canonical_set), std::move(collation)};
}

Result<CreateOutcome> make_table(const CreateTable& create, const CharacterDefaults& database) {
  CreateOutcome made{empty_table(create, database), {}, {}, {}};
  TableDefinition& table = made.table;
  RELAY_TRY(add_columns(table, create));
  const ColumnNames names(table.columns);
  for (std::size_t i = 0; i < create.parts.columns.size(); ++i)
    table.columns[i].depends_on = dependencies(create.parts.columns[i], names);
  for (const auto& period : create.parts.application_periods) {
    table.periods.push_back(period.definition);
    set_not_null(table, period.definition);
  }
  for (const auto& index : create.parts.indexes) {
    RELAY_ASSIGN(std::string name, add_index(table, index, names, create.context));
    made.index_names.push_back(std::move(name));
  }
  for (const auto& key : create.parts.foreign_keys) made.foreign_key_names.push_back(add_foreign_key(table, key));
  for (const auto& check : create.parts.checks)
    made.check_names.push_back(add_check(table, check, names, create.context.dialect));
  if (create.partition) set_partitioning(table, *create.partition, names);
  return made;
}

}  // namespace relay::sql
