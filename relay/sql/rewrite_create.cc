#include "relay/sql/character_set.h"
#include "relay/sql/rewriting.h"
#include "relay/sql/table_maker.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

class CreateRewriter {
 public:
  CreateRewriter(const CreateTable& create, const TableDefinition& after, const Rewriting& rewriting)
      : create_(create),
        after_(after),
        rewriting_(rewriting),
        scrubbed_(rewriting.scrubbed(after)),
        printer_(rewriting.context) {}

  Rewritten run() {
    if (!scrubbed_.leaves()) return std::vector<std::string>();
    if (after_.sequence) return std::vector<std::string>();
    RELAY_TRY(scrubbed_.verify(nullptr, rewriting_.context));
    for (const auto& key : after_.foreign_keys) RELAY_TRY(scrubbed_.verify_older_rows(key));
    head();
    if (create_.like) {
      RELAY_TRY(like());
    } else {
      RELAY_TRY(elements());
      options();
    }
    RELAY_ASSIGN(std::string text, printer_.take());
    if (!create_.like) RELAY_TRY(prove(text));
    std::vector<std::string> statements;
    statements.push_back(std::move(text));
    return statements;
  }

 private:
  void head() {
    printer_.text(create_.or_replace ? "CREATE OR REPLACE TABLE " : "CREATE TABLE ");
    printer_.text(create_.if_not_exists ? "IF NOT EXISTS " : "").table(create_.name);
  }

  // The replica copies its own table, so both must have the same fates.
  Result<void> like() {
    const TableDefinition* source = rewriting_.before.find(*create_.like);
    if (source == nullptr)
      return base::fail(cannot_follow("CREATE TABLE LIKE a table that is not known", full_name(*create_.like)));
    const ScrubbedTable original = rewriting_.scrubbed(*source);
    bool same = original.leaves();
    for (const auto& column : source->columns) same = same && original.fate(column.name) == scrubbed_.fate(column.name);
    // The original may have kept an index for a foreign key, which a copy has not.
    for (const auto& index : source->indexes)
      same = same && original.index(index).has_value() == scrubbed_.index(index).has_value();
    if (!same) {
      return base::fail(
          Error(ErrorKind::rule, "CREATE TABLE LIKE a table that leaves in another way")
              .about(full_name(create_.name))
              .remedy("create the table with its columns written out, or give both tables the same rules and indexes"));
    }
    printer_.text(" LIKE ").table(*create_.like);
    return {};
  }

  void element() { printer_.text(first_ ? " (\n  " : ",\n  "), first_ = false; }

  Result<void> elements() {
    RELAY_ASSIGN(const CreateOutcome made,
                 make_table(create_, database_defaults(rewriting_.before, create_.name.database)));
    const TableParts& parts = create_.parts;
    for (const auto& column : parts.columns) {
      if (scrubbed_.stripped(column.name)) continue;
      element();
      printer_.column(column, scrubbed_.printing(column));
    }
    for (std::size_t i = 0; i < parts.indexes.size(); ++i) index(parts.indexes[i], made.index_names[i]);
    for (std::size_t i = 0; i < parts.foreign_keys.size(); ++i)
      foreign_key(parts.foreign_keys[i], made.foreign_key_names[i]);
    for (std::size_t i = 0; i < parts.checks.size(); ++i) check(parts.checks[i], made.check_names[i]);
    if (parts.period) {
      element();
      printer_.text("PERIOD FOR SYSTEM_TIME ").names({parts.period->first, parts.period->second});
    }
    for (const auto& period : parts.application_periods) {
      if (!scrubbed_.keeps_period(period.definition)) continue;
      element();
      printer_.period(period.definition);
    }
    printer_.text("\n)");
    return {};
  }

  void index(const IndexSpec& spec, const std::string& name) {
    const IndexDefinition* definition = name.empty() ? nullptr : find_index(after_, name);
    if (definition == nullptr || definition->generated != spec.generated_by_foreign_key) return;
    const auto left = scrubbed_.index(*definition);
    if (!left) return;
    element();
    printer_.index(spec, *left);
  }

  void foreign_key(const ForeignKeySpec& spec, const std::string& name) {
    for (const auto& key : after_.foreign_keys) {
      if (key.name != name || !scrubbed_.keeps_key(key)) continue;
      element();
      printer_.foreign_key(spec, name);
    }
  }

  void check(const CheckSpec& spec, const std::string& name) {
    for (const auto& each : after_.checks) {
      if (each.name != name || !scrubbed_.keeps_check(each)) continue;
      element();
      printer_.check(spec, name);
    }
  }

  void options() {
    bool auto_increment = false;
    for (const auto& column : after_.columns)
      auto_increment = auto_increment || (column.auto_increment && scrubbed_.keeps_auto_increment(column.name));
    printer_.options(create_.options, auto_increment);
    // Without its collation a character set would not be that of the database, which the replica has as well.
    const bool inherited = create_.options.character_set.empty() && create_.options.collation.empty();
    if (!inherited || !after_.collation.empty()) {
      if (!after_.character_set.empty()) printer_.text(" DEFAULT");
      printer_.characters(after_.character_set, after_.collation);
    }
    if (create_.start_transaction) printer_.text(" START TRANSACTION");
    if (create_.system_versioning) printer_.text(" WITH SYSTEM VERSIONING");
    if (create_.partition && scrubbed_.partitioned()) printer_.partitioning(*create_.partition);
  }

  Result<void> prove(std::string_view text) const {
    RELAY_ASSIGN(const TableDefinition made, read_back(text, nullptr, create_.name, rewriting_));
    if (!same_table(made, scrubbed_.definition())) {
      return base::fail(
          cannot_follow("the rewritten CREATE TABLE would not make the scrubbed table", full_name(create_.name)));
    }
    return {};
  }

  const CreateTable& create_;
  const TableDefinition& after_;
  const Rewriting& rewriting_;
  ScrubbedTable scrubbed_;
  Printer printer_;
  bool first_ = true;
};

}  // namespace

Rewritten rewrite_create(const CreateTable& create, const Rewriting& rewriting) {
  if (!rewriting.fates.table_leaves(create.name) || rewriting.changes.empty()) return std::vector<std::string>();
  const TableDefinition* after = rewriting.find_after(create.name);
  if (after == nullptr)
    return base::fail(cannot_follow("CREATE TABLE LIKE a table that is not known", full_name(create.name)));
  return CreateRewriter(create, *after, rewriting).run();
}

}  // namespace relay::sql
