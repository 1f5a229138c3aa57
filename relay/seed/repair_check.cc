#include "relay/seed/repair_check.h"

#include <fmt/format.h>

#include "relay/source/dump_command.h"
#include "relay/source/grants.h"
#include "relay/source/triggers.h"

namespace relay::seed {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<std::string> reason_not_to_repair(source::SourceConnection& replica, const source::SourceFacts& facts,
                                         const SnapshotTable& table) {
  RELAY_ASSIGN(const bool sees_triggers, source::sees_all_triggers(replica, facts));
  if (!sees_triggers) {
    RELAY_ASSIGN(const auto account, replica.query_value("SELECT CURRENT_USER()"));
    return base::fail(Error(ErrorKind::peer, "the replica's account may not see which tables have triggers")
                          .about("GRANT TRIGGER ON *.* TO " + source::quoted_account(account.value_or("")))
                          .remedy("run that at the replica"));
  }
  const std::string database = source::quote_text(table.definition.database);
  const std::string name = source::quote_text(table.definition.table);
  RELAY_ASSIGN(const auto engine,
               replica.query_value(fmt::format("SELECT LOWER(ENGINE) FROM information_schema.TABLES WHERE "
                                               "TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                                               database, name)));
  if (!engine) return "the replica has no such table";
  if (table.definition.engine != "innodb" || engine != "innodb") return "it is not InnoDB on both sides";
  RELAY_ASSIGN(const auto trigger,
               replica.query_value(fmt::format("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE "
                                               "EVENT_OBJECT_SCHEMA = {} AND EVENT_OBJECT_TABLE = {}",
                                               database, name)));
  if (trigger != "0") return "it has triggers at the replica, which would run";
  return "";
}

}  // namespace relay::seed
