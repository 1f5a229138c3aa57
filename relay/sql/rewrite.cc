#include <algorithm>

#include "relay/sql/rewriting.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

// A replica's database as far as one statement needs it.
class OneTable : public Catalog {
 public:
  OneTable(const TableDefinition* table, const Catalog& source) : table_(table), source_(source) {}
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override {
    return table_ != nullptr && name == TableName{table_->database, table_->table} ? table_ : nullptr;
  }
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view database) const override {
    if (table_ == nullptr || table_->database != database) return {};
    return {{table_->database, table_->table}};
  }
  [[nodiscard]] std::vector<const TableDefinition*> tables_with_foreign_keys() const override {
    if (table_ == nullptr || table_->foreign_keys.empty()) return {};
    return {table_};
  }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view database) const override {
    return source_.database_character_set(database);
  }

 private:
  const TableDefinition* table_;
  const Catalog& source_;
};

Result<std::vector<std::string>> one(Printer& printer) {
  RELAY_ASSIGN(std::string text, printer.take());
  std::vector<std::string> statements;
  statements.push_back(std::move(text));
  return statements;
}

// The net of a RENAME TABLE: for each table of before, where it came to be, and by which steps.
struct Journey {
  TableName from;
  TableName to;
  std::vector<std::size_t> steps;
};

std::vector<Journey> journeys(const RenameTables& rename) {
  std::vector<Journey> all;
  for (std::size_t i = 0; i < rename.renames.size(); ++i) {
    const auto& [from, to] = rename.renames[i];
    const auto found =
        std::find_if(all.begin(), all.end(), [&from = from](const Journey& journey) { return journey.to == from; });
    if (found == all.end()) {
      all.push_back({from, to, {i}});
    } else {
      found->to = to;
      found->steps.push_back(i);
    }
  }
  return all;
}

// MariaDB's sequences are dropped and renamed as tables, too; a replica has none.
bool is_sequence(const TableName& name, const Catalog& catalog) {
  const TableDefinition* known = catalog.find(name);
  return known != nullptr && known->sequence;
}

// Both names leave: the table must look the same to the replica under either.
Result<void> check_same_fates(const Journey& journey, const Rewriting& rewriting) {
  const TableDefinition* before = rewriting.before.find(journey.from);
  const TableDefinition* after = rewriting.find_after(journey.to);
  if (before == nullptr || after == nullptr) {
    return base::fail(Error(ErrorKind::malformed, "RENAME TABLE brings two tables under one name")
                          .about(full_name(journey.to))
                          .remedy("let the relay read the source's schema again"));
  }
  const ScrubbedTable old_table = rewriting.scrubbed(*before);
  const ScrubbedTable new_table = rewriting.scrubbed(*after);
  for (const auto& column : before->columns) {
    if (!old_table.leaves_alike(column.name, new_table, column.name)) {
      return base::fail(Error(ErrorKind::rule, "RENAME TABLE changes what leaves of a table")
                            .about(full_name(journey.to) + "." + column.name)
                            .remedy("give both names the same rules, or seed the table at the replica again"));
    }
  }
  return {};
}

}  // namespace

const TableDefinition* Rewriting::find_after(const TableName& name) const {
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->name == name) return change->definition.get();
  }
  return before.find(name);
}

ScrubbedTable Rewriting::scrubbed(const TableDefinition& definition) const {
  return ScrubbedTable(definition, fates, [this](const TableName& name) { return find_after(name); });
}

Error cannot_follow(FixedText what, const std::string& subject) {
  return Error(ErrorKind::unsupported, what)
      .about(subject)
      .remedy("bring the replica's table in line by hand, or seed it again");
}

std::string full_name(const TableName& name) { return name.database + "." + name.table; }

Result<TableDefinition> read_back(std::string_view text, const TableDefinition* before, const TableName& result,
                                  const Rewriting& rewriting) {
  RELAY_ASSIGN(const auto statement, read_statement(text, rewriting.context));
  const OneTable replica(before, rewriting.before);
  RELAY_ASSIGN(auto changes, apply(*statement, replica));
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->name == result && change->definition) return std::move(*change->definition);
  }
  return base::fail(cannot_follow("the rewritten statement does not make the table", full_name(result)));
}

Rewritten rewrite_drop(const DropTables& drop, const Rewriting& rewriting) {
  Printer printer(rewriting.context);
  bool known = true;
  for (const auto& name : drop.names) {
    if (!rewriting.fates.table_leaves(name) || is_sequence(name, rewriting.before)) continue;
    known = known && rewriting.before.find(name) != nullptr;
    printer.text(printer.empty() ? "" : ", ").table(name);
  }
  if (printer.empty()) return std::vector<std::string>();
  const std::string names = printer.piece();
  Printer whole(rewriting.context);
  whole.text("DROP TABLE ").text(drop.if_exists || !known ? "IF EXISTS " : "").text(names);
  return one(whole);
}

Rewritten rewrite_rename(const RenameTables& rename, const Rewriting& rewriting) {
  std::vector<std::size_t> steps;
  Printer drops(rewriting.context);
  for (const auto& journey : journeys(rename)) {
    const bool left = rewriting.fates.table_leaves(journey.from);
    const bool leaves = rewriting.fates.table_leaves(journey.to);
    if (journey.from == journey.to || (!left && !leaves) || is_sequence(journey.from, rewriting.before)) continue;
    if (!left) {
      return base::fail(Error(ErrorKind::rule, "RENAME TABLE brings a table that did not leave under a name that does")
                            .about(full_name(journey.to))
                            .remedy("put a CREATE TABLE of the new name in its place (resolve --replace), then copy "
                                    "the rows, scrubbed, to the replica"));
    }
    if (!leaves) {
      drops.text(drops.empty() ? "" : ", ").table(journey.from);
      continue;
    }
    if (rewriting.before.find(journey.from) == nullptr) continue;  // a view, or a table that IF EXISTS passes over
    RELAY_TRY(check_same_fates(journey, rewriting));
    steps.insert(steps.end(), journey.steps.begin(), journey.steps.end());
  }
  if (!drops.empty() && !steps.empty()) {
    return base::fail(
        Error(ErrorKind::rule, "RENAME TABLE both takes a table away from the replica and renames another")
            .about(full_name(rename.renames.front().first))
            .remedy("let both names leave in the rules, or rename in two statements"));
  }
  Printer whole(rewriting.context);
  if (!drops.empty()) {
    whole.text("DROP TABLE IF EXISTS ").text(drops.piece());
    return one(whole);
  }
  if (steps.empty()) return std::vector<std::string>();
  std::sort(steps.begin(), steps.end());
  whole.text("RENAME TABLE ");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& [from, to] = rename.renames[steps[i]];
    whole.text(i == 0 ? "" : ", ").table(from).text(" TO ").table(to);
  }
  return one(whole);
}

Rewritten rewrite_truncate(const TruncateTable& truncate, const Rewriting& rewriting) {
  if (!rewriting.fates.table_leaves(truncate.name)) return std::vector<std::string>();
  Printer printer(rewriting.context);
  printer.text("TRUNCATE TABLE ").table(truncate.name);
  return one(printer);
}

Rewritten rewrite_database(const DatabaseStatement& statement, const Rewriting& rewriting) {
  if (!rewriting.fates.database_leaves(statement.name)) return std::vector<std::string>();
  Printer printer(rewriting.context);
  if (statement.kind() == StatementKind::drop_database) {
    printer.text("DROP DATABASE ").text(statement.conditional ? "IF EXISTS " : "").name(statement.name);
    return one(printer);
  }
  const bool create = statement.kind() == StatementKind::create_database;
  const bool characters = !statement.character_set.empty() || !statement.collation.empty();
  if (!create && !characters) return std::vector<std::string>();
  printer.text(create ? "CREATE " : "ALTER ").text(statement.or_replace ? "OR REPLACE " : "").text("DATABASE ");
  printer.text(create && statement.conditional ? "IF NOT EXISTS " : "").name(statement.name);
  printer.characters(statement.character_set, statement.collation);
  return one(printer);
}

Result<std::vector<std::string>> rewrite(const Statement& statement, const Catalog& before,
                                         const std::vector<CatalogChange>& changes, const TableFates& fates,
                                         const SqlContext& context) {
  const Rewriting rewriting{before, changes, fates, context};
  RELAY_TRY(check_children(statement, rewriting));
  if (const auto* create = dynamic_cast<const CreateTable*>(&statement)) return rewrite_create(*create, rewriting);
  if (const auto* alter = dynamic_cast<const AlterTable*>(&statement)) return rewrite_alter(*alter, rewriting);
  if (const auto* drop = dynamic_cast<const DropTables*>(&statement)) return rewrite_drop(*drop, rewriting);
  if (const auto* rename = dynamic_cast<const RenameTables*>(&statement)) return rewrite_rename(*rename, rewriting);
  if (const auto* truncate = dynamic_cast<const TruncateTable*>(&statement))
    return rewrite_truncate(*truncate, rewriting);
  if (const auto* database = dynamic_cast<const DatabaseStatement*>(&statement))
    return rewrite_database(*database, rewriting);
  if (statement.why_unread() != nullptr) {
    if (fates.table_leaves(statement.tables().front())) return base::fail(Error(*statement.why_unread()));
    return std::vector<std::string>();
  }
  if (statement.kind() == StatementKind::harmless) return std::vector<std::string>();
  return base::fail(Error(ErrorKind::unsupported, "the statement has nothing that could be rewritten"));
}

}  // namespace relay::sql
