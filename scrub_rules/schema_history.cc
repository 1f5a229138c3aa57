#include "scrub_rules/schema_history.h"

#include <algorithm>
#include <optional>
#include <set>

#include "relay/sql/character_set.h"
#include "scrub_rules/history_lines.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/schema_history_file.h"

namespace relay::scrub_rules {

namespace {

using Tables = std::map<std::string, sql::TableDefinition>;

// A file of which most is history is written anew, once it is worth it.
constexpr std::uint64_t kRewriteAbove = std::uint64_t{1} << 20;  // bytes

}  // namespace

struct SchemaHistory::State {
  bool fold_case = false;
  std::optional<HistoryFile> file;
  std::map<std::string, Tables, std::less<>> databases;  // by names as the source keeps them
  std::map<std::string, std::pair<std::string, std::string>> character_sets;
  Lineage lineage;
  PlainTables plain;
  std::set<std::string> empty_xa;
  bool has_baseline = false;
  HistoryPosition position;  // of the last record
  std::size_t changes = 0;   // tables and XA transactions in the changes behind the file's baseline
  std::uint64_t version = 0;

  struct UndoTable {
    sql::TableName name;
    std::optional<sql::TableDefinition> before;
  };
  struct UndoDatabase {
    std::string name;
    std::optional<std::pair<std::string, std::string>> before;
  };
  HistoryRecord staged;
  std::vector<UndoTable> undo_tables;
  std::vector<LineageChange> undo_lineage;
  std::vector<PlainChange> undo_plain;
  std::vector<HistoryRecord::EmptyXa> undo_empty_xa;
  std::vector<UndoDatabase> undo_databases;

  [[nodiscard]] std::string key(std::string_view name) const {
    return fold_case ? sql::folded(name) : std::string(name);
  }
  [[nodiscard]] bool refers(const sql::TableDefinition& table, const sql::ForeignKeyDefinition& foreign,
                            const sql::TableName& name) const {
    const sql::TableName parent = sql::parent_of(table, foreign);
    return key(parent.database) == key(name.database) && key(parent.table) == key(name.table);
  }
  // Returns what was so before.
  bool put_empty_xa(const std::string& id, bool empty) {
    return empty ? !empty_xa.insert(id).second : empty_xa.erase(id) != 0;
  }
  // Returns what was there.
  std::optional<sql::TableDefinition> put(const sql::TableName& name, std::optional<sql::TableDefinition> definition);
  void apply(HistoryRecord record);
  [[nodiscard]] HistoryRecord as_baseline() const;
  void clear_staged();
  void count(const HistoryRecord& record) {
    changes = record.baseline ? 0 : changes + record.tables.size() + record.empty_xa.size();
  }
  [[nodiscard]] base::Result<void> compact();
};

std::optional<sql::TableDefinition> SchemaHistory::State::put(const sql::TableName& name,
                                                              std::optional<sql::TableDefinition> definition) {
  Tables& tables = databases[key(name.database)];
  const std::string table = key(name.table);
  std::optional<sql::TableDefinition> before;
  if (const auto found = tables.find(table); found != tables.end()) {
    before = std::move(found->second);
    tables.erase(found);
  }
  if (definition) tables.emplace(table, std::move(*definition));
  if (tables.empty()) databases.erase(key(name.database));
  return before;
}

void SchemaHistory::State::apply(HistoryRecord record) {
  if (record.baseline) {
    databases.clear();
    character_sets.clear();
    lineage.clear();
    plain.clear();
    empty_xa.clear();
    has_baseline = true;
  }
  for (HistoryRecord::Table& table : record.tables) put(table.name, std::move(table.definition));
  for (HistoryRecord::Database& database : record.databases) {
    character_sets[key(database.name)] = std::move(database.character_set_and_collation);
  }
  for (LineageChange& change : record.lineage) lineage.put(change.name, std::move(change.origin));
  for (const PlainChange& change : record.plain) plain.put(change.name, change.plain);
  for (const HistoryRecord::EmptyXa& change : record.empty_xa) put_empty_xa(change.id, change.empty);
  position = record.position;
  ++version;
}

HistoryRecord SchemaHistory::State::as_baseline() const {
  HistoryRecord record{position, true, {}, {}, {}, {}, {}};
  for (const auto& [database, tables] : databases) {
    for (const auto& [table, definition] : tables) {
      record.tables.push_back({{definition.database, definition.table}, definition});
    }
  }
  for (const auto& [database, character_set] : character_sets) record.databases.push_back({database, character_set});
  for (auto& [name, origin] : lineage.all()) record.lineage.push_back({name, origin, false});
  for (sql::TableName& name : plain.all()) record.plain.push_back({std::move(name), true});
  for (const std::string& id : empty_xa) record.empty_xa.push_back({id, true});
  return record;
}

void SchemaHistory::State::clear_staged() {
  staged = {};
  undo_tables.clear();
  undo_lineage.clear();
  undo_plain.clear();
  undo_empty_xa.clear();
  undo_databases.clear();
}

base::Result<void> SchemaHistory::State::compact() {
  std::size_t live = empty_xa.size();
  for (const auto& [database, tables] : databases) live += tables.size();
  if (!has_baseline || file->size() <= kRewriteAbove || changes <= 2 * live) return {};
  RELAY_TRY(file->replace(as_baseline()));
  changes = 0;
  return {};
}

SchemaHistory::SchemaHistory(std::unique_ptr<State> state) : state_(std::move(state)) {}
SchemaHistory::~SchemaHistory() = default;

base::Result<std::unique_ptr<SchemaHistory>> SchemaHistory::open(base::FileSystem& files, const std::string& path,
                                                                 const HistoryPosition& resume, bool fold_case,
                                                                 std::optional<std::uint32_t> mark) {
  auto state = std::make_unique<State>();
  state->fold_case = fold_case;
  state->lineage = Lineage(fold_case);
  state->plain = PlainTables(fold_case);
  RELAY_ASSIGN(state->file, HistoryFile::open(files, path, resume, mark, [&](HistoryRecord record) {
                 state->count(record);
                 state->apply(std::move(record));
               }));
  RELAY_TRY(state->compact());
  return std::unique_ptr<SchemaHistory>(new SchemaHistory(std::move(state)));
}

base::Result<std::unique_ptr<SchemaHistory>> SchemaHistory::open_to_read(base::FileSystem& files,
                                                                         const std::string& path,
                                                                         const HistoryPosition& resume,
                                                                         bool fold_case) {
  auto state = std::make_unique<State>();
  state->fold_case = fold_case;
  state->lineage = Lineage(fold_case);
  state->plain = PlainTables(fold_case);
  RELAY_ASSIGN(state->file, HistoryFile::open_to_read(files, path, resume,
                                                      [&](HistoryRecord record) { state->apply(std::move(record)); }));
  return std::unique_ptr<SchemaHistory>(new SchemaHistory(std::move(state)));
}

const sql::TableDefinition* SchemaHistory::find(const sql::TableName& name) const {
  const auto database = state_->databases.find(state_->key(name.database));
  if (database == state_->databases.end()) return nullptr;
  const auto table = database->second.find(state_->key(name.table));
  return table == database->second.end() ? nullptr : &table->second;
}

void SchemaHistory::note_rows(const sql::TableName& name) {
  const auto database = state_->databases.find(state_->key(name.database));
  if (database == state_->databases.end()) return;
  const auto table = database->second.find(state_->key(name.table));
  if (table != database->second.end()) table->second.empty = false;
}

std::vector<sql::TableName> SchemaHistory::tables_of(std::string_view database) const {
  std::vector<sql::TableName> names;
  const auto found = state_->databases.find(state_->key(database));
  if (found == state_->databases.end()) return names;
  for (const auto& [table, definition] : found->second) names.push_back({definition.database, definition.table});
  return names;
}

std::vector<const sql::TableDefinition*> SchemaHistory::tables_with_foreign_keys() const {
  std::vector<const sql::TableDefinition*> found;
  for (const auto& [database, tables] : state_->databases) {
    for (const auto& [table, definition] : tables) {
      if (!definition.foreign_keys.empty()) found.push_back(&definition);
    }
  }
  return found;
}

std::vector<sql::TableName> SchemaHistory::tables() const {
  std::vector<sql::TableName> names;
  for (const auto& [database, tables] : state_->databases) {
    for (const auto& [table, definition] : tables) names.push_back({definition.database, definition.table});
  }
  return names;
}

std::pair<std::string, std::string> SchemaHistory::database_character_set(std::string_view database) const {
  const auto found = state_->character_sets.find(state_->key(database));
  return found == state_->character_sets.end() ? std::pair<std::string, std::string>() : found->second;
}

const Lineage& SchemaHistory::lineage() const { return state_->lineage; }

const PlainTables& SchemaHistory::plain_tables() const { return state_->plain; }

bool SchemaHistory::has_empty_xa(const std::string& id) const { return state_->empty_xa.contains(id); }

bool SchemaHistory::cascades_from(const sql::TableName& name) const {
  const auto acts = [](const std::string& action) {
    return !action.empty() && action != "restrict" && action != "no action";
  };
  for (const sql::TableDefinition* table : tables_referring_to(name)) {
    for (const sql::ForeignKeyDefinition& foreign : table->foreign_keys) {
      if (state_->refers(*table, foreign, name) && (acts(foreign.on_delete) || acts(foreign.on_update))) return true;
    }
  }
  return false;
}

std::vector<const sql::TableDefinition*> SchemaHistory::tables_referring_to(const sql::TableName& name) const {
  std::vector<const sql::TableDefinition*> found;
  for (const auto& [key, tables] : state_->databases) {
    for (const auto& [table, definition] : tables) {
      const bool refers =
          std::ranges::any_of(definition.foreign_keys, [&definition = definition, &name, this](const auto& foreign) {
            return state_->refers(definition, foreign, name);
          });
      if (refers) found.push_back(&definition);
    }
  }
  return found;
}

std::uint32_t SchemaHistory::mark() const { return state_->file->mark(); }

bool SchemaHistory::has_baseline() const { return state_->has_baseline; }

base::Result<void> SchemaHistory::set_baseline(
    const HistoryPosition& position, std::vector<sql::TableDefinition> tables,
    std::map<std::string, std::pair<std::string, std::string>> database_character_sets,
    std::vector<LineageChange> lineage, std::vector<PlainChange> plain) {
  HistoryRecord record{position, true, {}, {}, {}, {}, {}};
  for (sql::TableDefinition& table : tables) {
    sql::TableName name{table.database, table.table};
    record.tables.push_back({std::move(name), std::move(table)});
  }
  for (auto& [database, character_set] : database_character_sets) {
    record.databases.push_back({database, std::move(character_set)});
  }
  record.lineage = std::move(lineage);
  record.plain = std::move(plain);
  RELAY_TRY(state_->file->append(record));
  state_->count(record);
  state_->clear_staged();
  state_->apply(std::move(record));
  return {};
}

void SchemaHistory::stage(std::vector<sql::CatalogChange> changes) {
  for (sql::CatalogChange& change : changes) {
    std::optional<sql::TableDefinition> definition;
    if (change.definition != nullptr) {
      definition = *change.definition;
      definition->database = change.name.database;
      definition->table = change.name.table;
    }
    state_->undo_tables.push_back({change.name, state_->put(change.name, definition)});
    state_->staged.tables.push_back({std::move(change.name), std::move(definition)});
    ++state_->version;
  }
}

void SchemaHistory::stage_lineage(std::vector<LineageChange> changes) {
  for (LineageChange& change : changes) {
    std::optional<Origin> before = state_->lineage.put(change.name, change.origin);
    if (before == change.origin) continue;
    state_->undo_lineage.push_back({change.name, std::move(before), false});
    state_->staged.lineage.push_back(std::move(change));
    ++state_->version;
  }
}

void SchemaHistory::stage_plain(std::vector<PlainChange> changes) {
  for (PlainChange& change : changes) {
    const bool before = state_->plain.put(change.name, change.plain);
    if (before == change.plain) continue;
    state_->undo_plain.push_back({change.name, before});
    state_->staged.plain.push_back(std::move(change));
  }
}

void SchemaHistory::stage_empty_xa(std::string id, bool empty) {
  const bool before = state_->put_empty_xa(id, empty);
  if (before == empty) return;
  state_->undo_empty_xa.push_back({id, before});
  state_->staged.empty_xa.push_back({std::move(id), empty});
}

void SchemaHistory::stage_database(std::string database,
                                   std::pair<std::string, std::string> character_set_and_collation) {
  const auto [entry, added] = state_->character_sets.try_emplace(state_->key(database));
  state_->undo_databases.push_back({entry->first, added ? std::nullopt : std::optional(entry->second)});
  entry->second = character_set_and_collation;
  state_->staged.databases.push_back({std::move(database), std::move(character_set_and_collation)});
  ++state_->version;
}

bool SchemaHistory::has_staged() const {
  const HistoryRecord& staged = state_->staged;
  return !staged.tables.empty() || !staged.databases.empty() || !staged.lineage.empty() || !staged.plain.empty() ||
         !staged.empty_xa.empty();
}

base::Result<void> SchemaHistory::commit(const HistoryPosition& position) {
  if (!has_staged()) return {};
  if (position < state_->position) {
    return base::fail(base::Error(base::ErrorKind::malformed, "the schema history's position would go backwards")
                          .at(position.source_end));
  }
  state_->staged.position = position;
  RELAY_TRY(state_->file->append(state_->staged));
  state_->position = position;
  state_->count(state_->staged);
  state_->clear_staged();
  return {};
}

base::Result<void> SchemaHistory::compact() { return state_->compact(); }

void SchemaHistory::rollback() {
  if (has_staged()) ++state_->version;
  for (auto undo = state_->undo_tables.rbegin(); undo != state_->undo_tables.rend(); ++undo) {
    state_->put(undo->name, std::move(undo->before));
  }
  for (auto undo = state_->undo_lineage.rbegin(); undo != state_->undo_lineage.rend(); ++undo) {
    state_->lineage.put(undo->name, std::move(undo->origin));
  }
  for (auto undo = state_->undo_plain.rbegin(); undo != state_->undo_plain.rend(); ++undo) {
    state_->plain.put(undo->name, undo->plain);
  }
  for (auto undo = state_->undo_empty_xa.rbegin(); undo != state_->undo_empty_xa.rend(); ++undo) {
    state_->put_empty_xa(undo->id, undo->empty);
  }
  for (auto undo = state_->undo_databases.rbegin(); undo != state_->undo_databases.rend(); ++undo) {
    if (undo->before) {
      state_->character_sets[undo->name] = std::move(*undo->before);
    } else {
      state_->character_sets.erase(undo->name);
    }
  }
  state_->clear_staged();
}

std::uint64_t SchemaHistory::version() const { return state_->version; }

base::Result<Lineage> read_lineage(base::FileSystem& files, const std::string& path, bool fold_case) {
  Lineage lineage(fold_case);
  RELAY_ASSIGN(const bool exists, files.exists(path));
  if (!exists) return lineage;
  RELAY_ASSIGN(const std::unique_ptr<base::File> file, files.open(path, base::OpenMode::read));
  LineReader lines(*file);
  for (;;) {
    RELAY_ASSIGN(const std::optional<LineReader::Line> line, lines.next());
    if (!line || !line->whole) return lineage;
    std::optional<HistoryLine> read = parse_history_line(line->text);
    if (!read) return lineage;
    if (read->kind == HistoryLine::Kind::baseline) lineage.clear();
    for (LineageChange& change : read->record.lineage) lineage.put(change.name, std::move(change.origin));
  }
}

void forget_stripped_members(sql::TableDefinition& definition, const sql::TableFates& fates) {
  const sql::TableFate fate = fates.fate_of(definition);
  for (std::size_t i = 0; i < definition.columns.size(); ++i) {
    const bool stripped = !fate.leaves || i >= fate.fates.size() || fate.fates[i] == sql::ColumnFate::stripped;
    if (stripped) definition.columns[i].members.clear();
  }
}

}  // namespace relay::scrub_rules
