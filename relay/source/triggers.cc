#include "relay/source/triggers.h"

#include <algorithm>
#include <set>

#include "relay/source/schema_reader.h"
#include "relay/source/source_check.h"
#include "relay/sql/character_set.h"
#include "relay/sql/lexer.h"

namespace relay::source {

namespace {

constexpr std::uint64_t kAnsiQuotes = 0x4;
constexpr std::uint64_t kNoBackslashEscapes = 0x100000;

std::uint64_t sql_mode_of(const std::string& names) {
  std::uint64_t mode = 0;
  if (names.find("ANSI_QUOTES") != std::string::npos) mode |= kAnsiQuotes;
  if (names.find("NO_BACKSLASH_ESCAPES") != std::string::npos) mode |= kNoBackslashEscapes;
  return mode;
}

std::string folded_name(const SourceFacts& facts, const std::string& name) {
  return facts.folds_case() ? sql::folded(name) : name;
}

}  // namespace

base::Result<std::vector<std::unique_ptr<sql::TriggerStatement>>> read_triggers(SourceConnection& connection,
                                                                                const SourceFacts& facts) {
  RELAY_ASSIGN(const Rows rows, connection.query("SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_SCHEMA, "
                                                 "EVENT_OBJECT_TABLE, SQL_MODE, ACTION_STATEMENT "
                                                 "FROM information_schema.TRIGGERS"));
  std::vector<std::unique_ptr<sql::TriggerStatement>> triggers;
  for (const Row& row : rows) {
    if (row.size() != 6 || !row[0] || !row[1] || !row[2] || !row[3] || is_system_database(*row[2])) continue;
    auto trigger = std::make_unique<sql::TriggerStatement>();
    trigger->name = {folded_name(facts, *row[0]), *row[1]};
    trigger->table = {folded_name(facts, *row[2]), folded_name(facts, *row[3])};
    trigger->folds_names = facts.folds_case();
    sql::SqlContext context = show_create_context(facts, trigger->table.database);
    context.sql_mode = sql_mode_of(row[4].value_or(""));
    if (auto body = sql::lex(row[5].value_or(""), context)) trigger->body = std::move(*body);
    triggers.push_back(std::move(trigger));
  }
  return triggers;
}

base::Result<bool> sees_all_triggers(SourceConnection& connection, const SourceFacts& facts) {
  RELAY_ASSIGN(const Privileges privileges, read_privileges(connection, facts));
  return privileges.has_on("TRIGGER", {"*", "*"});
}

base::Result<std::vector<sql::TableName>> read_plain_tables(SourceConnection& connection, const SourceFacts& facts) {
  std::vector<sql::TableName> plain;
  RELAY_ASSIGN(const bool sees_all, sees_all_triggers(connection, facts));
  if (!sees_all) return plain;
  RELAY_ASSIGN(const Rows triggers, connection.query("SELECT DISTINCT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE "
                                                     "FROM information_schema.TRIGGERS"));
  std::set<std::pair<std::string, std::string>> with_triggers;
  for (const Row& row : triggers) {
    if (row.size() == 2) with_triggers.emplace(sql::folded(row[0].value_or("")), sql::folded(row[1].value_or("")));
  }
  RELAY_ASSIGN(const Rows tables,
               connection.query("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                                "WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE IN "
                                "('InnoDB', 'MyISAM', 'Aria', 'MEMORY', 'ARCHIVE', 'ROCKSDB', 'CSV')"));
  for (const Row& row : tables) {
    if (row.size() != 2 || !row[0] || !row[1] || is_system_database(*row[0])) continue;
    if (with_triggers.contains({sql::folded(*row[0]), sql::folded(*row[1])})) continue;
    plain.push_back({folded_name(facts, *row[0]), folded_name(facts, *row[1])});
  }
  return plain;
}

}  // namespace relay::source
