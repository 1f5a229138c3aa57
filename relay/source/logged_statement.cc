#include "relay/source/logged_statement.h"

namespace relay::source {

bool is_transaction_control(std::string_view text) { return text == "BEGIN" || text == "COMMIT" || text == "ROLLBACK"; }

sql::SqlContext context_of(const binlog::QueryEvent& query, const binlog::QueryStatus& status,
                           const binlog::FormatDescription& format, bool fold_case) {
  sql::SqlContext context;
  context.dialect = format.flavor() == binlog::Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
  context.server_version = format.version_number();
  context.sql_mode = status.sql_mode.value_or(0);
  context.client_collation = status.client_collation.value_or(context.client_collation);
  context.default_database = query.database;
  context.lower_case_table_names = fold_case;
  return context;
}

}  // namespace relay::source
