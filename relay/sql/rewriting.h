#pragma once

#include "relay/sql/printer.h"
#include "relay/sql/scrubbed_table.h"

// The parts of rewrite(), one per family of statements.
namespace relay::sql {

using Rewritten = base::Result<std::vector<std::string>>;

struct Rewriting {
  const Catalog& before;
  const std::vector<CatalogChange>& changes;
  const TableFates& fates;
  const SqlContext& context;

  // The definition after the statement; null when not known.
  [[nodiscard]] const TableDefinition* find_after(const TableName& name) const;
  // Borrows this, which must outlive the table.
  [[nodiscard]] ScrubbedTable scrubbed(const TableDefinition& definition) const;
};

[[nodiscard]] Rewritten rewrite_create(const CreateTable& create, const Rewriting& rewriting);
// The clause of `alter` that moves rows with whole files; null when it has none.
[[nodiscard]] const AlterClause* row_mover(const AlterTable& alter);
[[nodiscard]] Rewritten rewrite_row_mover(const AlterTable& alter, const AlterClause& clause,
                                          const Rewriting& rewriting);
[[nodiscard]] Rewritten rewrite_alter(const AlterTable& alter, const Rewriting& rewriting);
[[nodiscard]] Rewritten rewrite_drop(const DropTables& drop, const Rewriting& rewriting);
[[nodiscard]] Rewritten rewrite_rename(const RenameTables& rename, const Rewriting& rewriting);
[[nodiscard]] Rewritten rewrite_truncate(const TruncateTable& truncate, const Rewriting& rewriting);
[[nodiscard]] Rewritten rewrite_database(const DatabaseStatement& statement, const Rewriting& rewriting);

// Errors: rule, where a table that the statement does not name has a foreign key to one that it changes, and the
// replica could have the key only before, or only behind it.
[[nodiscard]] base::Result<void> check_children(const Statement& statement, const Rewriting& rewriting);

// What `text` makes of a replica's `before` (null: no table): read and applied again, so that nothing is sent which was
// not understood. The text is in the client's character set.
[[nodiscard]] base::Result<TableDefinition> read_back(std::string_view text, const TableDefinition* before,
                                                      const TableName& result, const Rewriting& rewriting);

[[nodiscard]] base::Error cannot_follow(base::FixedText what, const std::string& subject);
[[nodiscard]] std::string full_name(const TableName& name);

}  // namespace relay::sql
