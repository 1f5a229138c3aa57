#include "relay/sql/create_effect.h"

#include "relay/sql/character_set.h"
#include "relay/sql/statement_tree.h"

namespace relay::sql {

CreateEffect create_effect(const Statement& statement, const SqlContext& context, std::uint64_t ddl_number,
                           std::string_view copied_engine) {
  constexpr std::uint32_t kFirstWithNumber = 80011;  // 8.0's first release
  const auto* create = dynamic_cast<const CreateTable*>(&statement);
  if (create == nullptr || !create->if_not_exists || context.dialect == Dialect::mariadb) return CreateEffect::made;
  if (ddl_number != 0 || create->start_transaction) return CreateEffect::made;  // its rows come next
  const std::string engine = create->like ? std::string(copied_engine) : folded(create->options.engine);
  const bool would_have_number = context.server_version >= kFirstWithNumber && (engine.empty() || engine == "innodb");
  return would_have_number ? CreateEffect::nothing : CreateEffect::unknown;
}

std::vector<std::string> created_columns(const Statement& statement) {
  std::vector<std::string> names;
  const auto* create = dynamic_cast<const CreateTable*>(&statement);
  if (create == nullptr) return names;
  for (const ColumnSpec& column : create->parts.columns) names.push_back(column.name);
  return names;
}

}  // namespace relay::sql
