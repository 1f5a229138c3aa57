#include "relay/seed/kept_tables.h"

#include <algorithm>
#include <map>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/cascade_reach.h"
#include "relay/seed/table_mark.h"

namespace relay::seed {

namespace {

using base::FixedText;
using base::Result;
using sql::TableDefinition;
using sql::TableName;
using NamePair = std::pair<std::string, std::string>;

constexpr std::size_t kTold = 10;  // names in a line of the log

// Why nothing that was read before counts, as far as the journal's head tells; empty where something may.
FixedText why_not(const SnapshotJournal& journal, const JournalHead& now) {
  constexpr FixedText kNoJournal{"what was read has no journal that can be read"};
  constexpr FixedText kOtherProgram{"another version of this program read them"};
  constexpr FixedText kOtherSource{"they were read of another source, or another version of it"};
  constexpr FixedText kOtherRules{"they were read under other rules"};
  constexpr FixedText kNoPlace{
      "it could not be told where in the binary log they were read, or that log did not have all changes"};
  if (!journal.head()) return kNoJournal;
  if (journal.head()->made_by != now.made_by) return kOtherProgram;
  if (journal.head()->source != now.source) return kOtherSource;
  if (journal.head()->rules_digest != now.rules_digest) return kOtherRules;
  return journal.head()->file_made == 0 ? kNoPlace : FixedText();
}

// A few names, and how many more there are.
std::string told(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kTold); ++i) {
    text += (i == 0 ? "" : ", ") + base::Subject(names[i]).text();
  }
  if (names.size() > kTold) text += " and " + std::to_string(names.size() - kTold) + " more";
  return text;
}

class Keeper {
 public:
  explicit Keeper(const KeepQuestion& question) : question_(question) {
    for (const SnapshotTable& table : question.view.schema.tables) {
      known_[{table.definition.database, table.definition.table}] = table.definition;
    }
  }

  Result<KeptTables> find() {
    KeptTables found;
    for (const SnapshotTable& table : question_.view.schema.tables) {
      found.marks.push_back(mark_of_rows(table, question_.rules));
    }
    found.kept.resize(found.marks.size());
    found.written.resize(found.marks.size());
    const std::vector<FinishedTable> finished = question_.journal.tables();
    if (finished.empty()) return found;
    FixedText why = why_not(question_.journal, question_.now);
    if (why.text().empty()) {
      take_same(finished, found);
      RELAY_ASSIGN(why, drop_changed(found));
    }
    if (!why.text().empty()) {
      base::log(base::LogLevel::info, "{} tables that were finished are read again: {}", finished.size(), why.text());
    } else {
      tell(found, finished.size());
    }
    return found;
  }

 private:
  // Those that are defined and treated as they were.
  void take_same(const std::vector<FinishedTable>& finished, KeptTables& found) {
    std::map<NamePair, const FinishedTable*> by_name;
    for (const FinishedTable& table : finished) by_name[{table.record.database, table.record.table}] = &table;
    for (std::size_t i = 0; i < found.marks.size(); ++i) {
      const SnapshotTable& table = question_.view.schema.tables[i];
      const auto at = by_name.find({table.definition.database, table.definition.table});
      if (at == by_name.end()) continue;
      if (at->second->mark == found.marks[i]) {
        found.kept[i] = *at->second;
      } else {
        other_.push_back(table.name());
      }
    }
  }

  // Leaves those that nothing was done to. Says why none is left where the log does not tell.
  Result<FixedText> drop_changed(KeptTables& found) {
    const JournalHead& head = *question_.journal.head();
    FixedText why;
    if (std::ranges::none_of(found.kept, [](const auto& table) { return table.has_value(); })) return why;
    RELAY_ASSIGN(const auto changes,
                 scan_changes(question_.settings, question_.connections, question_.stop, {head.place, head.file_made},
                              question_.ahead, question_.view.position, why));
    for (std::size_t i = 0; i < found.kept.size(); ++i) {
      const SnapshotTable& table = question_.view.schema.tables[i];
      found.written[i] = changes && changes->changed(table.definition.name());
      if (!found.kept[i]) continue;
      bool changed = true;
      if (changes) {
        changed = cascades_reach(
            table.definition, [&](const TableName& name) { return changes->changed(name); },
            [this](const TableName& name) { return definition_of(name); });
      }
      if (!changed) continue;
      changed_.push_back(table.name());
      found.kept[i].reset();
    }
    return why;
  }

  // As the view has it: where it was another since the tables were read, the log says so. None of a table that does not
  // leave: what it is now it need not have been at the view's place.
  [[nodiscard]] std::optional<TableDefinition> definition_of(const TableName& name) const {
    const auto known = known_.find({name.database, name.table});
    return known == known_.end() ? std::nullopt : std::optional(known->second);
  }

  void tell(const KeptTables& found, std::size_t finished) const {
    base::log(base::LogLevel::info, "{} of {} tables that were finished are kept, with {} rows", found.tables().size(),
              finished, found.rows());
    if (!changed_.empty()) {
      base::log(base::LogLevel::info, "read again, since the source's binary log has changes of them: {}",
                told(changed_));
    }
    if (!other_.empty()) {
      base::log(base::LogLevel::info, "read again, since their definition or what rules hold for them is another: {}",
                told(other_));
    }
  }

  const KeepQuestion& question_;
  std::map<NamePair, TableDefinition> known_;
  std::vector<std::string> changed_, other_;
};

}  // namespace

std::vector<FinishedTable> KeptTables::tables() const {
  std::vector<FinishedTable> all;
  for (const auto& table : kept) {
    if (table) all.push_back(*table);
  }
  return all;
}

std::uint64_t KeptTables::rows() const {
  std::uint64_t sum = 0;
  for (const auto& table : kept) sum += table ? table->record.rows : 0;
  return sum;
}

Result<KeptTables> find_kept_tables(const KeepQuestion& question) { return Keeper(question).find(); }

}  // namespace relay::seed
