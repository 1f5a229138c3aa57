#include "relay/seed/schema_survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/seed/rule_text.h"
#include "relay/source/dump_command.h"
#include "relay/source/schema_reader.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/shadow_name.h"

namespace relay::seed {

namespace {

constexpr int kNoSuchTable = 1146;  // ER_NO_SUCH_TABLE

class Surveyor {
 public:
  Surveyor(source::SourceConnection& connection, const source::SourceFacts& facts)
      : connection_(connection), facts_(facts) {}

  base::Result<std::vector<TableDraft>> survey(const TableChoice& chosen) {
    RELAY_ASSIGN(character_sets_, source::read_databases(connection_, facts_));
    RELAY_ASSIGN(const auto names, source::read_table_names(connection_, facts_));
    for (const sql::TableName& name : names) {
      if (!chosen(name)) continue;
      if (auto changed = changed_table(name, names, facts_.folds_case())) {
        add_unreadable(name, 0);
        drafts_.back().stands_for = std::move(*changed);
      } else {
        RELAY_TRY(read_table(name));
      }
    }
    return std::move(drafts_);
  }

 private:
  base::Result<void> read_table(const sql::TableName& name) {
    const auto rows = connection_.query(
        fmt::format("SHOW CREATE TABLE {}.{}", source::quote_name(name.database), source::quote_name(name.table)));
    if (!rows) {
      const int code = rows.error().system_code();
      if (code == kNoSuchTable) return {};
      if (rows.error().kind() == base::ErrorKind::io || code >= base::kFirstClientError)
        return base::fail(rows.error());
      return add_unreadable(name, code), base::Result<void>();
    }
    if (rows->empty() || rows->front().size() < 2 || !rows->front()[1]) {
      return add_unreadable(name, 0), base::Result<void>();
    }
    auto definition =
        source::read_definition(*rows->front()[1], source::show_create_context(facts_, name.database), character_sets_);
    if (!definition) return add_unreadable(name, 0), base::Result<void>();
    if (definition->sequence) return {};
    add(std::move(*definition));
    return {};
  }

  void add(sql::TableDefinition definition) {
    TableDraft draft;
    draft.columns.resize(definition.columns.size());
    for (std::size_t i = 0; i < definition.columns.size(); ++i) {
      draft.columns[i].written = can_be_named(definition.columns[i].name);
    }
    draft.definition = std::move(definition);
    drafts_.push_back(std::move(draft));
  }

  void add_unreadable(const sql::TableName& name, int code) {
    TableDraft draft;
    draft.definition.database = name.database;
    draft.definition.table = name.table;
    draft.unreadable = true;
    draft.code = code;
    drafts_.push_back(std::move(draft));
  }

  source::SourceConnection& connection_;
  const source::SourceFacts& facts_;
  source::CharacterSets character_sets_;
  std::vector<TableDraft> drafts_;
};

}  // namespace

std::optional<std::string> changed_table(const sql::TableName& name, const std::vector<sql::TableName>& names,
                                         bool fold_case) {
  const auto shadow = scrub_rules::shadow_name(name.table);
  if (!shadow) return std::nullopt;
  const auto folded = [&](const std::string& text) { return fold_case ? sql::folded(text) : text; };
  for (const std::string& base : shadow->bases) {
    const auto is_changed = [&](const sql::TableName& other) {
      const std::string table = folded(other.table);
      const bool same = table == folded(base) || (shadow->cut && table.starts_with(folded(base)));
      return same && folded(other.database) == folded(name.database);
    };
    if (const auto found = std::ranges::find_if(names, is_changed); found != names.end()) return found->table;
  }
  return std::nullopt;
}

base::Result<std::vector<TableDraft>> survey_schema(source::SourceConnection& connection,
                                                    const source::SourceFacts& facts, const TableChoice& chosen) {
  return Surveyor(connection, facts).survey(chosen);
}

}  // namespace relay::seed
