#include "scrub_rules/plain_tables.h"

#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/statement_tree.h"

namespace relay::scrub_rules {

namespace {

constexpr std::array<std::string_view, 8> kOwnRows = {"",       "innodb",  "myisam",  "aria",
                                                      "memory", "archive", "rocksdb", "csv"};

class PlainReader {
 public:
  PlainReader(const sql::Catalog& catalog, const PlainTables& plain) : catalog_(catalog), plain_(plain) {}
  std::vector<PlainChange> take() { return std::move(changes_); }

  void create(const sql::CreateTable& create) {
    // Something else may stand under the name already.
    if (create.if_not_exists && !create.or_replace) return;
    put(create.name, create.like ? like(*create.like) : keeps_own_rows(sql::folded(create.options.engine)));
  }

  void alter(const sql::AlterTable& alter) {
    sql::TableName name = alter.name;
    for (const sql::AlterClause& clause : alter.clauses) {
      if (!keeps_own_rows(sql::folded(clause.options.engine))) put(name, false);
      if (clause.kind == sql::ClauseKind::rename_table) move(name, clause.table), name = clause.table;
    }
  }

  void move(const sql::TableName& from, const sql::TableName& to) {
    if (from == to) return;
    put(to, plain_.contains(from));
    put(from, false);
  }

  void trigger(const sql::TriggerStatement& trigger) {
    if (trigger.drops) return;
    if (!trigger.table.table.empty()) return put(trigger.table, false);
    for (const sql::TableName& name : plain_.all()) put(name, false);
  }

  void drop_database(const std::string& database) {
    for (const sql::TableName& name : plain_.all()) {
      if (name.database == database) put(name, false);
    }
  }

  void put(const sql::TableName& name, bool plain) {
    if (plain_.put(name, plain) != plain) changes_.push_back({name, plain});
  }

 private:
  [[nodiscard]] bool like(const sql::TableName& source) const {
    const sql::TableDefinition* known = catalog_.find(source);
    return plain_.contains(source) || (known != nullptr && keeps_own_rows(known->engine));
  }

  const sql::Catalog& catalog_;
  PlainTables plain_;
  std::vector<PlainChange> changes_;
};

}  // namespace

bool PlainTables::put(const sql::TableName& name, bool plain) {
  if (plain) return !names_.insert(key(name)).second;
  return names_.erase(key(name)) != 0;
}

std::vector<sql::TableName> PlainTables::all() const {
  std::vector<sql::TableName> list;
  for (const auto& [database, table] : names_) list.push_back({database, table});
  return list;
}

std::pair<std::string, std::string> PlainTables::key(const sql::TableName& name) const {
  if (!fold_case_) return {name.database, name.table};
  return {sql::folded(name.database), sql::folded(name.table)};
}

bool keeps_own_rows(std::string_view engine) { return std::ranges::find(kOwnRows, engine) != kOwnRows.end(); }

std::vector<PlainChange> plain_changes(const sql::Statement& statement, const sql::Catalog& catalog,
                                       const PlainTables& plain) {
  PlainReader reader(catalog, plain);
  if (const auto* create = dynamic_cast<const sql::CreateTable*>(&statement)) reader.create(*create);
  if (const auto* alter = dynamic_cast<const sql::AlterTable*>(&statement)) reader.alter(*alter);
  if (const auto* trigger = dynamic_cast<const sql::TriggerStatement*>(&statement)) reader.trigger(*trigger);
  if (const auto* rename = dynamic_cast<const sql::RenameTables*>(&statement)) {
    for (const auto& [from, to] : rename->renames) reader.move(from, to);
  }
  if (const auto* drop = dynamic_cast<const sql::DropTables*>(&statement)) {
    for (const sql::TableName& name : drop->names) reader.put(name, false);
  }
  if (const auto* database = dynamic_cast<const sql::DatabaseStatement*>(&statement)) {
    const bool drops = database->kind() == sql::StatementKind::drop_database || database->or_replace;
    if (drops) reader.drop_database(database->name);
  }
  return reader.take();
}

}  // namespace relay::scrub_rules
