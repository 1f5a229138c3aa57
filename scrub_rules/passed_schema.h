#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/binlog/query_event.h"
#include "relay/sql/ddl.h"
#include "scrub_rules/event_scrubber.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// What the statements of a transaction that is passed over did to the tables at the source. The rows that follow come
// in the shape that the tables have there, so the schema history must know it, whatever was told to the replica. Where
// that cannot be known, the tables in question are marked unverified, and are plain ones (plain_tables.h) no longer:
// their rows then pass only with table maps that name the columns, and where rules keep every column by its name.
class PassedSchema {
 public:
  // References must outlive it.
  PassedSchema(const RuleSet& rules, SchemaHistory& history, const ScrubberSettings& settings)
      : rules_(rules, settings.fold_case, &history.lineage()), history_(history), settings_(settings) {}

  void start();
  // One statement; `server_version` as FormatDescription::version_number().
  void take(const binlog::QueryEvent& query, std::uint32_t server_version, bool thread_specific);
  // An event of which nobody knows what it did: every table is in question.
  void take_opaque();
  // Whether the definition of the table, or of the database where `name.table` is empty, was changed, or may have been
  // by what could not be read. A statement that stands in the transaction's place may be about no other.
  [[nodiscard]] bool may_have_changed(const sql::TableName& name) const;
  // Whether a trigger was made that copies what does not leave into what does (sideways_check.h).
  [[nodiscard]] bool made_copying_trigger() const;
  // Stages all of it in the history. What a replacement says of a table counts where the source's statement could not
  // be read: `replaced` are the tables that it defined. Errors: those of copies_check.h.
  [[nodiscard]] base::Result<void> stage(const std::vector<sql::TableName>& replaced);

 private:
  template <typename IsMeant>
  void doubt(IsMeant is_meant);
  void stage_changes();
  void stage_doubt(const sql::TableName& name);

  RuleView rules_;  // by the lineage of the history: after stage_lineage() that behind the statements
  SchemaHistory& history_;
  ScrubberSettings settings_;
  std::vector<sql::CatalogChange> changes_;
  std::vector<LineageChange> lineage_;
  std::vector<std::unique_ptr<sql::Statement>> read_;
  std::vector<sql::TableName> doubtful_;
  std::vector<PlainChange> plain_;  // tables that may have got triggers, or more
  struct Unread {
    std::string statement, default_database;
  };
  std::vector<Unread> unread_;
  base::Result<void> refusal_;
  bool opaque_ = false;
};

// Whether a statement that cannot be read may be about a table of this name: it cannot be without naming it. True also
// where the name could stand there in another form (escaped quotes, another character set).
[[nodiscard]] bool may_name(std::string_view statement, std::string_view table);

}  // namespace relay::scrub_rules
