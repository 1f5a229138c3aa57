#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "scrub_rules/lineage.h"
#include "scrub_rules/plain_tables.h"

namespace relay::scrub_rules {

// Orders changes of the schema: number of the spool file (one per source file), then offset in the source's file behind
// the transaction.
struct HistoryPosition {
  std::uint32_t spool_file = 0;
  std::uint64_t source_end = 0;
  friend auto operator<=>(const HistoryPosition&, const HistoryPosition&) = default;
};

// The tables that leave, as the DDL up to the current position made them; kept durably by position in one file (lines
// of JSON, appended and synced before the transaction's spool commit; schema_history_file.h has the format). Holds no
// literal of a DEFAULT, comment or expression, and no ENUM or SET members of columns that do not leave
// (forget_stripped_members). One thread (the source's) owns it.
class SchemaHistory final : public sql::Catalog {
 public:
  // Opens or makes the file; changes after `resume` are cut away: their transactions never reached the spool. `files`
  // must outlive the history. `fold_case`: the source's lower_case_table_names > 0. `mark`: what mark() must be at
  // `resume`. Errors: io; malformed when the file is damaged otherwise than by a crash, or has another mark: then it is
  // as before.
  [[nodiscard]] static base::Result<std::unique_ptr<SchemaHistory>> open(base::FileSystem& files,
                                                                         const std::string& path,
                                                                         const HistoryPosition& resume, bool fold_case,
                                                                         std::optional<std::uint32_t> mark = {});

  // The same for looking at, beside a running writer: nothing is changed on the disk. REQUIRES of the caller: neither
  // set_baseline() nor commit().
  [[nodiscard]] static base::Result<std::unique_ptr<SchemaHistory>> open_to_read(base::FileSystem& files,
                                                                                 const std::string& path,
                                                                                 const HistoryPosition& resume,
                                                                                 bool fold_case);

  // Valid until the next change.
  [[nodiscard]] const sql::TableDefinition* find(const sql::TableName& name) const override;
  [[nodiscard]] std::vector<sql::TableName> tables_of(std::string_view database) const override;
  [[nodiscard]] std::vector<const sql::TableDefinition*> tables_with_foreign_keys() const override;
  // Every known table of every database.
  [[nodiscard]] std::vector<sql::TableName> tables() const;
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view database) const override;

  // Which tables are copies of others. The reference is good as long as the history.
  [[nodiscard]] const Lineage& lineage() const;

  // Which tables are known to be plain ones; the reference is good as long as the history.
  [[nodiscard]] const PlainTables& plain_tables() const;
  // Whether a known table has a foreign key to `name` that changes rows when those of `name` go or change.
  [[nodiscard]] bool cascades_from(const sql::TableName& name) const;
  // The known tables with a foreign key to `name`. Valid until the next change.
  [[nodiscard]] std::vector<const sql::TableDefinition*> tables_referring_to(const sql::TableName& name) const;

  // Whether replicas do not have the XA transaction, prepared at the source, because nothing of it left
  // (group_events.h). `id`: the text of its pseudonym.
  [[nodiscard]] bool has_empty_xa(const std::string& id) const;

  // Names what the history says, up to the last commit: another number for another course of changes, the same before
  // and behind compact(). What the spool knows (JournalRecord::schema_mark) must agree, else the history is another's,
  // or an older one put back. 0 where nothing was ever committed.
  [[nodiscard]] std::uint32_t mark() const;

  // Whether a baseline was ever written: else the source's schema has to be read first.
  [[nodiscard]] bool has_baseline() const;
  // The schema read from the source, valid at `position`; replaces everything known. Durable when it returns.
  // REQUIRES: nothing staged.
  [[nodiscard]] base::Result<void> set_baseline(
      const HistoryPosition& position, std::vector<sql::TableDefinition> tables,
      std::map<std::string, std::pair<std::string, std::string>> database_character_sets,
      std::vector<LineageChange> lineage = {}, std::vector<PlainChange> plain = {});

  // Rows of the table have come: it is not empty from now on.
  void note_rows(const sql::TableName& name);
  // Changes by the open transaction: visible to find() at once, durable with commit(), undone by rollback().
  void stage(std::vector<sql::CatalogChange> changes);
  void stage_lineage(std::vector<LineageChange> changes);
  void stage_plain(std::vector<PlainChange> changes);
  void stage_empty_xa(std::string id, bool empty);
  void stage_database(std::string database, std::pair<std::string, std::string> character_set_and_collation);
  [[nodiscard]] bool has_staged() const;
  // Positions must not go backwards. After an error the changes are still staged. Without staged changes nothing is
  // done.
  [[nodiscard]] base::Result<void> commit(const HistoryPosition& position);
  // Writes the file anew where most of it is history. REQUIRES: nothing staged; the stream will never resume before the
  // last commit (its transaction is durable in the spool). Errors: io; then the file is as before, or as it will be.
  [[nodiscard]] base::Result<void> compact();
  void rollback();
  // Grows with every visible change; plans made under another number are stale.
  [[nodiscard]] std::uint64_t version() const;
  ~SchemaHistory() override;

 private:
  struct State;
  explicit SchemaHistory(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The lineage as the history file at `path` has it last; empty without a file. Reads only: the file may be in use.
// Errors: io.
[[nodiscard]] base::Result<Lineage> read_lineage(base::FileSystem& files, const std::string& path, bool fold_case);

// Clears the ENUM and SET members of the columns that do not leave: they are the column's values. For every definition
// that is given to the history.
void forget_stripped_members(sql::TableDefinition& definition, const sql::TableFates& fates);

}  // namespace relay::scrub_rules
