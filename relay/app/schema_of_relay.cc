#include "relay/app/schema_of_relay.h"

#include "relay/spool/spool_index.h"
#include "scrub_rules/schema_history_file.h"

namespace relay::app {

using base::Result;

namespace {

// A list knows more than a position; what is before a file is told by the position.
bool same_place(const spool::GtidState& one, const spool::GtidState& other) {
  return one.mysql == other.mysql && one.mariadb.position_text() == other.mariadb.position_text();
}

// GTIDs that are those before the file tell it where the offset does not.
bool from_start(const spool::SpoolFileEntry& entry) {
  const bool has_gtids = !entry.gtids_before.mysql.empty() || !entry.gtids_before.mariadb.empty();
  return entry.source_start.offset == spool::kFirstEventOffset ||
         (entry.source_start.offset == spool::kUnknownOffset && has_gtids);
}

std::optional<spool::SpoolFileEntry> entry_of(const spool::SpoolIndex& index, const FileStart& file) {
  std::optional<spool::SpoolFileEntry> found;
  for (const spool::SpoolFileEntry& entry : index.entries()) {
    const bool same = entry.source_start.file == file.name && entry.source_version == file.server_version &&
                      (file.source_id.empty() || entry.source.id == file.source_id) &&
                      same_place(entry.gtids_before, file.gtids_before);
    if (!same || !from_start(entry)) continue;
    // The log was begun anew, say: nothing tells which of them it is.
    if (found && found->schema_mark != entry.schema_mark) return std::nullopt;
    found = entry;
  }
  return found;
}

// The last state of everything, as one baseline.
class Collected {
 public:
  void add(scrub_rules::HistoryRecord record) {
    if (record.baseline) {
      tables_.clear();
      character_sets_.clear();
      lineage_.clear();
    }
    for (auto& table : record.tables) {
      const std::string key = table.name.database + '\0' + table.name.table;
      tables_.erase(key);
      if (table.definition) tables_.emplace(key, std::move(*table.definition));
    }
    for (auto& change : record.lineage) lineage_.put(change.name, std::move(change.origin));
    for (auto& database : record.databases) character_sets_[database.name] = database.character_set_and_collation;
  }

  KnownSchema finish() {
    KnownSchema schema;
    for (auto& [key, table] : tables_) schema.tables.push_back(std::move(table));
    schema.database_character_sets = std::move(character_sets_);
    for (auto& [name, origin] : lineage_.all()) schema.lineage.push_back({name, std::move(origin)});
    return schema;
  }

 private:
  std::map<std::string, sql::TableDefinition> tables_;
  std::map<std::string, std::pair<std::string, std::string>> character_sets_;
  scrub_rules::Lineage lineage_;
};

}  // namespace

Result<std::optional<KnownSchema>> schema_of_relay(base::FileSystem& files, const std::string& spool_directory,
                                                   const FileStart& file) {
  const std::string path = spool_directory + "/schema.history";
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return std::nullopt;
  spool::SpoolIndex index(files, spool_directory);
  RELAY_TRY(index.load());
  const std::optional<spool::SpoolFileEntry> entry = entry_of(index, file);
  if (!entry) return std::nullopt;
  Collected collected;
  const scrub_rules::HistoryPosition at{entry->number, entry->source_start.offset};
  RELAY_ASSIGN(const auto history,
               scrub_rules::HistoryFile::open_to_read(
                   files, path, at, [&](scrub_rules::HistoryRecord record) { collected.add(std::move(record)); }));
  if (history.mark() != entry->schema_mark) return std::nullopt;
  return collected.finish();
}

}  // namespace relay::app
