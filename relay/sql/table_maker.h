#pragma once

#include "relay/sql/definition_maker.h"

namespace relay::sql {

// What a CREATE TABLE made, with the names that the server chose: each list runs parallel to that of the statement. An
// empty name of an index: the server made none, since another serves the foreign key.
struct CreateOutcome {
  TableDefinition table;
  std::vector<std::string> index_names;
  std::vector<std::string> foreign_key_names;
  std::vector<std::string> check_names;
};

[[nodiscard]] base::Result<CreateOutcome> make_table(const CreateTable& create, const CharacterDefaults& database);
[[nodiscard]] CharacterDefaults database_defaults(const Catalog& catalog, std::string_view database);

}  // namespace relay::sql
