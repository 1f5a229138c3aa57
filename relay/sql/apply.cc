#include <algorithm>

#include "relay/sql/alter_simulation.h"
#include "relay/sql/character_set.h"
#include "relay/sql/definition_maker.h"
#include "relay/sql/table_maker.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using Changes = std::vector<CatalogChange>;

void forget_older_rows(TableDefinition& table) {
  for (ColumnDefinition& column : table.columns) column.older_rows = OlderRows::none;
}

// The catalog as the earlier parts of one statement left it.
class Overlay {
 public:
  Overlay(const Catalog& before, Changes& changes) : before_(before), changes_(changes) {}

  [[nodiscard]] const TableDefinition* find(const TableName& name) const {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      if (change->name == name) return change->definition.get();
    }
    return before_.find(name);
  }
  void remove(const TableName& name) { changes_.push_back({name, nullptr}); }
  void put(TableDefinition definition) {
    const TableName name{definition.database, definition.table};
    changes_.push_back({name, std::make_unique<TableDefinition>(std::move(definition))});
  }

  // Of all tables that may have a foreign key, and of some that are no longer there.
  [[nodiscard]] std::vector<TableName> possible_children() const {
    std::vector<TableName> all;
    for (const TableDefinition* table : before_.tables_with_foreign_keys()) all.push_back(table->name());
    for (const CatalogChange& change : changes_) all.push_back(change.name);
    return all;
  }

  // Renames one table, with what InnoDB renames along: names made of the table's, and foreign keys that point to it.
  void rename(const TableName& from, const TableName& to) {
    const TableDefinition* old = find(from);
    if (old == nullptr) return;  // a view, or a table that IF EXISTS passes over
    TableDefinition moved = *old;
    remove(from);
    move(moved, to);
    put(std::move(moved));
    for (const auto& name : possible_children()) follow(name, from, to);
  }

  // Rows of `other` come into `name`.
  void mix_rows(const TableName& name, const TableName& other) {
    const TableDefinition* into = find(name);
    const TableDefinition* from = find(other);
    if (into == nullptr || from == nullptr || into->columns.size() != from->columns.size()) return;
    TableDefinition mixed = *into;
    mixed.empty = into->empty && from->empty;
    bool changed = mixed.empty != into->empty;
    for (std::size_t i = 0; i < mixed.columns.size(); ++i) {
      OlderRows& older = mixed.columns[i].older_rows;
      changed = changed || from->columns[i].older_rows > older;
      older = std::max(older, from->columns[i].older_rows);
    }
    if (changed) put(std::move(mixed));
  }

  void empty(const TableName& name) {
    const TableDefinition* known = find(name);
    if (known == nullptr || std::ranges::all_of(known->columns, [](const ColumnDefinition& column) {
          return column.older_rows == OlderRows::none;
        }))
      return;
    TableDefinition emptied = *known;
    forget_older_rows(emptied);
    put(std::move(emptied));
  }

  // Foreign keys to `parent` follow its columns, whose names before and after are those.
  void rename_columns(const TableName& parent, const std::vector<std::pair<std::string, std::string>>& names) {
    if (names.empty()) return;
    for (const auto& child : possible_children()) {
      change_keys(child, parent, [&](const TableDefinition&, ForeignKeyDefinition& key) {
        for (std::string& column : key.referenced_columns) {
          const auto renamed = std::find_if(names.begin(), names.end(),
                                            [&](const auto& pair) { return equal_names(pair.first, column); });
          if (renamed != names.end()) column = renamed->second;
        }
      });
    }
  }

 private:
  static void rename_generated(std::string& name, const std::string& from, const std::string& to) {
    if (name.size() > from.size() && equal_names(std::string_view(name).substr(0, from.size()), from))
      name = to + name.substr(from.size());
  }

  static void move(TableDefinition& table, const TableName& to) {
    for (auto& key : table.foreign_keys) {
      rename_generated(key.name, table.table + "_ibfk_", to.table + "_ibfk_");
      if (key.referenced_database.empty() && table.database != to.database) key.referenced_database = table.database;
      if (key.referenced_table == table.table) key.referenced_table = to.table;
    }
    for (auto& check : table.checks) rename_generated(check.name, table.table + "_chk_", to.table + "_chk_");
    table.database = to.database;
    table.table = to.table;
  }

  void follow(const TableName& child, const TableName& from, const TableName& to) {
    change_keys(child, from, [&](const TableDefinition& table, ForeignKeyDefinition& key) {
      key.referenced_table = to.table;
      key.referenced_database = to.database == table.database ? std::string() : to.database;
    });
  }

  // Changes the foreign keys of `child` that point to `parent`.
  template <typename Change>
  void change_keys(const TableName& child, const TableName& parent, Change change) {
    const TableDefinition* known = find(child);
    if (known == nullptr) return;
    const auto points = [&](const ForeignKeyDefinition& key) { return parent_of(*known, key) == parent; };
    if (std::none_of(known->foreign_keys.begin(), known->foreign_keys.end(), points)) return;
    TableDefinition changed = *known;
    for (auto& key : changed.foreign_keys) {
      if (points(key)) change(changed, key);
    }
    put(std::move(changed));
  }

  const Catalog& before_;
  Changes& changes_;
};

// CREATE TABLE ... LIKE copies columns and indexes, not foreign keys; the names of checks are made anew.
TableDefinition copy_table(const TableDefinition& source, const CreateTable& create) {
  TableDefinition table = source;
  table.database = create.name.database;
  table.table = create.name.table;
  table.foreign_keys.clear();
  table.temporary = false;
  table.empty = true;
  for (auto& index : table.indexes) index.generated = false;
  forget_older_rows(table);
  if (create.context.dialect == Dialect::mysql) {
    for (std::size_t i = 0; i < table.checks.size(); ++i)
      table.checks[i].name = table.table + "_chk_" + std::to_string(i + 1);
  }
  return table;
}

Result<Changes> apply_create(const CreateTable& create, const Catalog& before) {
  Changes changes;
  Overlay overlay(before, changes);
  const bool exists = before.find(create.name) != nullptr;
  if (exists && create.if_not_exists) return changes;
  if (exists && !create.or_replace) {
    return base::fail(Error(ErrorKind::malformed, "CREATE TABLE of a table that the schema history has")
                          .about(create.name.database + "." + create.name.table)
                          .remedy("the schema history does not fit the stream: read it from the source again"));
  }
  if (create.like) {
    const TableDefinition* source = before.find(*create.like);
    if (source == nullptr) {
      overlay.remove(create.name);
    } else {
      overlay.put(copy_table(*source, create));
    }
    return changes;
  }
  RELAY_ASSIGN(CreateOutcome outcome, make_table(create, database_defaults(before, create.name.database)));
  outcome.table.empty = true;
  overlay.put(std::move(outcome.table));
  return changes;
}

// The table that CONVERT PARTITION makes.
TableDefinition unpartitioned(const TableDefinition& source, const TableName& name) {
  TableDefinition table = source;
  table.database = name.database;
  table.table = name.table;
  table.foreign_keys.clear();
  table.partitioned = false;
  table.partition_columns.clear();
  return table;
}

Result<Changes> apply_alter(const AlterTable& alter, const Catalog& before) {
  Changes changes;
  Overlay overlay(before, changes);
  const TableDefinition* known = before.find(alter.name);
  if (known == nullptr) {
    overlay.remove(alter.name);
    for (const auto& clause : alter.clauses) {
      if (clause.kind == ClauseKind::convert_table) overlay.remove(clause.table);
    }
    return changes;
  }
  RELAY_ASSIGN(AlterOutcome outcome, simulate(alter, *known, database_defaults(before, alter.name.database)));
  std::vector<std::pair<std::string, std::string>> renamed;
  for (std::size_t i = 0; i < outcome.after.columns.size(); ++i) {
    if (!outcome.origin[i]) continue;
    const std::string& name = known->columns[*outcome.origin[i]].name;
    if (!equal_names(name, outcome.after.columns[i].name)) renamed.emplace_back(name, outcome.after.columns[i].name);
  }
  overlay.put(std::move(outcome.after));
  overlay.rename_columns(alter.name, renamed);
  for (const auto& clause : alter.clauses) {
    const bool moves = clause.kind == ClauseKind::rename_table && !(clause.table == alter.name);
    if (moves) overlay.rename(alter.name, clause.table);
    if (clause.kind == ClauseKind::exchange_partition) overlay.mix_rows(clause.table, alter.name);
    if (clause.kind == ClauseKind::exchange_partition || clause.kind == ClauseKind::convert_table)
      overlay.mix_rows(alter.name, clause.table);
    if (clause.kind == ClauseKind::convert_table) overlay.remove(clause.table);
    if (clause.kind == ClauseKind::convert_partition) overlay.put(unpartitioned(*known, clause.table));
  }
  return changes;
}

Changes apply_rename(const RenameTables& rename, const Catalog& before) {
  Changes changes;
  Overlay overlay(before, changes);
  for (const auto& [from, to] : rename.renames) overlay.rename(from, to);
  return changes;
}

Changes apply_database(const DatabaseStatement& statement, const Catalog& before) {
  Changes changes;
  const bool drops = statement.kind() == StatementKind::drop_database || statement.or_replace;
  if (!drops) return changes;
  for (auto& name : before.tables_of(statement.name)) changes.push_back({std::move(name), nullptr});
  return changes;
}

// The table behind a sequence of MariaDB (sql/sql_sequence.cc).
TableDefinition sequence_table(const TableName& name) {
  TableDefinition table;
  table.database = name.database;
  table.table = name.table;
  table.sequence = true;
  for (const auto* column : {"next_not_cached_value", "minimum_value", "maximum_value", "start_value", "increment",
                             "cache_size", "cycle_option", "cycle_count"}) {
    ColumnDefinition made;
    made.name = column;
    made.type = made.name == "cycle_option" ? "tinyint" : "bigint";
    made.is_unsigned = made.name == "cache_size" || made.name == "cycle_option";
    made.nullable = false;
    table.columns.push_back(std::move(made));
  }
  return table;
}

Changes apply_sequence(const SequenceStatement& statement, const Catalog& before) {
  Changes changes;
  for (const auto& name : statement.names) {
    const bool drops = statement.action == SequenceStatement::Action::drop;
    const TableDefinition* known = before.find(name);
    if (drops && known != nullptr && !known->sequence) continue;  // IF EXISTS passes over it
    changes.push_back({name, drops ? nullptr : std::make_unique<TableDefinition>(sequence_table(name))});
  }
  return changes;
}

}  // namespace

Result<std::vector<CatalogChange>> apply(const Statement& statement, const Catalog& before) {
  if (const auto* create = dynamic_cast<const CreateTable*>(&statement)) return apply_create(*create, before);
  if (const auto* alter = dynamic_cast<const AlterTable*>(&statement)) return apply_alter(*alter, before);
  if (const auto* rename = dynamic_cast<const RenameTables*>(&statement)) return apply_rename(*rename, before);
  if (const auto* database = dynamic_cast<const DatabaseStatement*>(&statement))
    return apply_database(*database, before);
  if (const auto* sequence = dynamic_cast<const SequenceStatement*>(&statement))
    return apply_sequence(*sequence, before);
  Changes changes;
  if (const auto* truncate = dynamic_cast<const TruncateTable*>(&statement))
    Overlay(before, changes).empty(truncate->name);
  if (const auto* drop = dynamic_cast<const DropTables*>(&statement)) {
    for (const auto& name : drop->names) changes.push_back({name, nullptr});
  }
  return changes;
}

}  // namespace relay::sql
