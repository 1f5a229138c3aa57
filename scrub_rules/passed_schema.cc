#include "scrub_rules/passed_schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "relay/base/ascii.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/copies_check.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/sideways_check.h"
#include "scrub_rules/statement_effect.h"
#include "scrub_rules/statement_fates.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

using sql::StatementKind;

bool equal_letters(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

using base::is_digit;

bool is_name_sign(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// MariaDB's binlog_alter_two_phase writes a statement twice; the first time, and where it is then rolled back, the
// table is as it was (sql/log_event.h, Gtid_log_event::FL_START_ALTER_E1 and FL_ROLLBACK_ALTER_E1).
bool is_phase_without_change(const binlog::QueryEvent& query, binlog::Flavor flavor) {
  constexpr std::uint64_t kStartOrRollback = 0x02 | 0x08;
  if (flavor != binlog::Flavor::mariadb) return false;
  const auto status = binlog::parse_query_status(query.status, flavor);
  return status && (status->flags3_or_ddl_xid.value_or(0) & kStartOrRollback) != 0;
}

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() > word.size() && std::ranges::equal(text.substr(0, word.size()), word, equal_letters) &&
         !is_name_sign(text[word.size()]);
}

// A statement that writes rows makes and changes no table. Its first word tells, also where what follows cannot be
// read: clients speak no character set in which it would be another.
bool writes_rows(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  constexpr std::array<std::string_view, 5> kWords = {"insert", "replace", "update", "delete", "load"};
  return std::ranges::any_of(kWords, [text](std::string_view word) { return begins_with(text, word); });
}

// Also of a table that nobody knew.
bool renames_to(const sql::Statement& statement, const sql::TableName& name) {
  if (const auto* rename = dynamic_cast<const sql::RenameTables*>(&statement))
    return std::ranges::any_of(rename->renames, [&](const auto& step) { return step.second == name; });
  const auto* alter = dynamic_cast<const sql::AlterTable*>(&statement);
  return alter != nullptr && std::ranges::any_of(alter->clauses, [&](const sql::AlterClause& clause) {
           return clause.kind == sql::ClauseKind::rename_table && clause.table == name;
         });
}

bool is_unquoted_ascii(char c) { return static_cast<unsigned char>(c) < 0x80 && c != '`' && c != '"'; }

}  // namespace

bool may_name(std::string_view statement, std::string_view table) {
  if (!std::ranges::all_of(table, is_unquoted_ascii)) return true;
  for (std::string_view rest = statement;;) {
    // Not std::ranges::search: clang 14, which builds the fuzz targets, cannot read that of this standard library.
    const auto* const found = std::search(rest.begin(), rest.end(), table.begin(), table.end(), equal_letters);
    if (found == rest.end()) return false;
    const auto start = static_cast<std::size_t>(found - rest.begin());
    const std::size_t end = start + table.size();
    // A digit before it may be the version of a comment that the server reads: /*!50000t*/.
    const bool begins = start == 0 || !is_name_sign(rest[start - 1]) || is_digit(rest[start - 1]);
    const bool ends = end == rest.size() || !is_name_sign(rest[end]);
    if (begins && ends) return true;
    rest.remove_prefix(start + 1);
  }
}

void PassedSchema::start() {
  changes_.clear();
  lineage_.clear();
  read_.clear();
  doubtful_.clear();
  plain_.clear();
  unread_.clear();
  refusal_ = {};
  opaque_ = false;
}

template <typename IsMeant>
void PassedSchema::doubt(IsMeant is_meant) {
  for (sql::TableName& name : history_.tables()) {
    if (is_meant(name)) doubtful_.push_back(std::move(name));
  }
  for (sql::TableName& name : history_.plain_tables().all()) {
    if (is_meant(name)) plain_.push_back({std::move(name), false});
  }
}

void PassedSchema::take(const binlog::QueryEvent& query, std::uint32_t server_version, bool thread_specific) {
  if (is_phase_without_change(query, settings_.flavor)) return;
  const std::string_view text = query.statement.text();
  if (writes_rows(text)) return;
  const auto leave_unread = [&] { unread_.push_back({std::string(text), std::string(query.database)}); };
  const auto doubt_named = [&] {
    leave_unread();
    doubt([&](const sql::TableName& name) { return may_name(text, name.table); });
  };
  const auto context = statement_context(query, settings_.flavor, server_version, settings_.fold_case);
  auto statement = context ? sql::read_statement(text, *context) : base::fail(context.error());
  if (!statement || (*statement)->why_unread() != nullptr) return doubt_named();
  const StatementKind kind = (*statement)->kind();
  if (kind < StatementKind::create_table) return;
  if (kind == StatementKind::changes_data) {
    // CREATE TABLE ... SELECT: what its columns are, the statement does not say.
    if (!(*statement)->tables().empty()) doubt_named();
    return;
  }
  if (kind == StatementKind::harmless) {
    read_.push_back(std::move(*statement));  // a trigger
    return;
  }
  if (made_nothing(**statement, query, *context, history_)) return;
  std::vector<LineageChange> lineage = lineage_changes(**statement, history_, rules_, history_.lineage());
  const StatementFates fates(rules_, history_, lineage);
  if (refusal_) refusal_ = check_moved_values(rules_, fates.after(), history_, **statement);
  auto changes = sql::apply(**statement, history_);
  // Done in part, or perhaps to a temporary table of the same name, or not to the table that the history knows.
  if (query.error_code != 0 || (thread_specific && may_mean_temporary_table(**statement)) || !changes) {
    leave_unread();
    const std::vector<sql::TableName> tables = (*statement)->tables();
    const std::string database = (*statement)->database();
    doubt([&](const sql::TableName& name) {
      return name.database == database || std::ranges::find(tables, name) != tables.end();
    });
    return;
  }
  for (const sql::CatalogChange& change : *changes) {
    if (change.definition != nullptr) resolve_key_origins(*change.definition, history_);
  }
  for (const sql::CatalogChange& change : *changes) {
    if (change.definition != nullptr && refusal_)
      refusal_ = check_new_keys(fates.after(), history_, *change.definition);
  }
  std::ranges::move(*changes, std::back_inserter(changes_));
  std::ranges::move(lineage, std::back_inserter(lineage_));
  read_.push_back(std::move(*statement));
}

void PassedSchema::take_opaque() {
  opaque_ = true;
  doubt([](const sql::TableName& /*name*/) { return true; });
}

bool PassedSchema::may_have_changed(const sql::TableName& name) const {
  if (opaque_) return true;
  const auto is_database = [&](const auto& statement) {
    return name.table.empty() && statement->database() == name.database;
  };
  if (std::ranges::find(changes_, name, &sql::CatalogChange::name) != changes_.end()) return true;
  if (std::ranges::any_of(read_, [&](const auto& statement) { return renames_to(*statement, name); })) return true;
  if (std::ranges::any_of(read_, is_database)) return true;
  return std::ranges::any_of(unread_, [&](const Unread& text) {
    const bool in_database =
        sql::equal_names(text.default_database, name.database) || may_name(text.statement, name.database);
    return in_database && (name.table.empty() || may_name(text.statement, name.table));
  });
}

bool PassedSchema::made_copying_trigger() const {
  base::Problems problems;
  for (const auto& statement : read_) {
    const auto* trigger = dynamic_cast<const sql::TriggerStatement*>(statement.get());
    if (trigger != nullptr && !trigger->drops)
      check_trigger(rules_, *trigger, history_, Knows::tables_so_far, problems);
  }
  return base::has_errors(problems);
}

base::Result<void> PassedSchema::stage(const std::vector<sql::TableName>& replaced) {
  RELAY_TRY(std::exchange(refusal_, {}));
  history_.stage_lineage(std::move(lineage_));
  stage_changes();
  for (const auto& statement : read_) {
    stage_database(*statement, rules_, history_);
    history_.stage_plain(plain_changes(*statement, history_, history_.plain_tables()));
  }
  history_.stage_plain(std::move(plain_));
  for (const sql::TableName& name : doubtful_) {
    if (std::ranges::find(replaced, name) == replaced.end()) stage_doubt(name);
  }
  for (const auto& statement : read_) {
    for (const sql::TableName& name : statement->tables()) RELAY_TRY(check_copies_of(rules_, history_, name));
  }
  // The source's may have rows, which are to be copied to the replica by hand.
  for (const sql::TableName& name : replaced) history_.note_rows(name);
  start();
  return {};
}

void PassedSchema::stage_changes() {
  const RuleTableFates fates(rules_);
  std::vector<sql::CatalogChange> kept;
  for (sql::CatalogChange& change : changes_) {
    if (change.definition != nullptr && change.definition->temporary) continue;
    const bool leaves = rules_.table_leaves(change.name);
    if (!leaves && history_.find(change.name) == nullptr) continue;
    if (!leaves) change.definition = nullptr;
    if (change.definition != nullptr) {
      forget_stripped_members(*change.definition, fates);
      change.definition->empty = false;  // rows may have come with it, which were passed over, too
    }
    kept.push_back(std::move(change));
  }
  history_.stage(std::move(kept));
}

void PassedSchema::stage_doubt(const sql::TableName& name) {
  const sql::TableDefinition* known = history_.find(name);
  if (known == nullptr || known->unverified) return;
  sql::CatalogChange change{name, std::make_unique<sql::TableDefinition>(*known)};
  change.definition->unverified = true;
  std::vector<sql::CatalogChange> changes;
  changes.push_back(std::move(change));
  history_.stage(std::move(changes));
}

}  // namespace relay::scrub_rules
