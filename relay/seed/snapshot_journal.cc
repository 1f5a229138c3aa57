#include "relay/seed/snapshot_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "relay/base/json_number.h"
#include "relay/base/log.h"
#include "relay/base/nesting.h"
#include "relay/base/sha256.h"
#include "relay/seed/record_json.h"
#include "relay/seed/rows_file_reader.h"
#include "relay/seed/snapshot_names.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::ByteView;
using base::Result;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kJournalFormat = 1;
constexpr std::size_t kLongestJournal = std::size_t{256} << 20;

// Its SHA-256 stands before it: a bit that a disk lost must not make another table of it.
std::string line_of(const ordered_json& value) {
  const std::string text = value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return base::sha256_hex({ByteView::of(text)}) + ' ' + text + '\n';
}

std::string head_line(const JournalHead& head) {
  return line_of({{"snapshot_journal", kJournalFormat},
                  {"made_by", head.made_by},
                  {"source", head.source},
                  {"rules", head.rules_digest},
                  {"file", head.place.file},
                  {"offset", head.place.offset},
                  {"file_made", head.file_made}});
}

std::string table_line(const FinishedTable& table) {
  return line_of({{"mark", table.mark}, {"table", table_json(table.record)}});
}

// Throws nlohmann::json::exception.
std::optional<JournalHead> head_of(const json& from) {
  if (base::whole_number<std::uint64_t>(from.at("snapshot_journal")) != kJournalFormat) return {};
  JournalHead head;
  head.made_by = from.at("made_by").get<std::string>();
  head.source = from.at("source").get<std::string>();
  head.rules_digest = from.at("rules").get<std::string>();
  head.place = {from.at("file").get<std::string>(), base::whole_number<std::uint64_t>(from.at("offset"))};
  head.file_made = base::whole_number<std::uint32_t>(from.at("file_made"));
  return head;
}

// Throws nlohmann::json::exception. None where it is no table that a snapshot may have.
std::optional<FinishedTable> finished_of(const json& from) {
  FinishedTable table{table_of(from.at("table")), from.at("mark").get<std::string>()};
  std::uint64_t rows = 0;
  std::set<std::string> names;
  for (const FileRecord& file : table.record.files) {
    if (!names.insert(file.name).second) return {};
    if (!is_rows_file_of({table.record.database, table.record.table}, file.name) || !is_digest(file.sha256)) return {};
    rows += file.rows;
  }
  return rows == table.record.rows ? std::optional(std::move(table)) : std::nullopt;
}

// The next whole line; none at the end, where a torn one may stand.
std::optional<json> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view sum = line.substr(0, space);
  line.remove_prefix(space + 1);
  if (sum != base::sha256_hex({ByteView::of(line)})) return {};
  if (base::is_deep_json(line)) return {};
  json parsed = json::parse(line, nullptr, false);
  return parsed.is_discarded() ? std::nullopt : std::optional(std::move(parsed));
}

}  // namespace

std::string text_of_source(const source::SourceFacts& facts) {
  return fmt::format("{} {} {} {} {}", facts.flavor == binlog::Flavor::mariadb ? "mariadb" : "mysql", facts.version,
                     facts.server_id, facts.server_uuid, facts.lower_case_table_names);
}

Result<std::unique_ptr<SnapshotJournal>> SnapshotJournal::open(base::FileSystem& files, const std::string& directory) {
  std::unique_ptr<SnapshotJournal> journal(new SnapshotJournal(files, directory));
  const std::string path = directory + '/' + std::string(kJournalFile);
  RELAY_ASSIGN(const bool there, files.exists(path));
  if (!there) return journal;
  const auto text = base::read_file(files, path, kLongestJournal);
  if (!text) {
    base::log(base::LogLevel::warning, "{}: what was read before is read again", text.error().message());
    return journal;
  }
  journal->read(*text);
  return journal;
}

void SnapshotJournal::read(std::string_view text) {
  const base::MutexLock lock(mutex_);
  try {
    const auto first = next_line(text);
    if (first) head_ = head_of(*first);
    while (head_) {
      const auto line = next_line(text);
      auto table = line ? finished_of(*line) : std::nullopt;
      if (!table) break;
      tables_.push_back(std::move(*table));
    }
  } catch (const json::exception&) {
    // What stands before it was read.
  }
}

std::vector<FinishedTable> SnapshotJournal::tables() const {
  const base::MutexLock lock(mutex_);
  return tables_;
}

bool SnapshotJournal::is_whole(const TableRecord& table) const {
  const std::string name = source::quote_name(table.database) + '.' + source::quote_name(table.table);
  return std::ranges::all_of(table.files, [&](const FileRecord& file) {
    return RowsFileReader::open(files_, directory_ + '/' + file.name, file, name).has_value();
  });
}

void SnapshotJournal::forget() {
  const base::MutexLock lock(mutex_);
  tables_.clear();
}

std::size_t SnapshotJournal::forget_broken() {
  const base::MutexLock lock(mutex_);
  return std::erase_if(tables_, [this](const FinishedTable& table) { return !is_whole(table.record); });
}

Result<void> SnapshotJournal::begin(JournalHead head, std::vector<FinishedTable> kept) {
  const base::MutexLock lock(mutex_);
  std::string text = head_line(head);
  for (const FinishedTable& table : kept) text += table_line(table);
  const std::string path = directory_ + '/' + std::string(kJournalFile);
  file_.reset();
  RELAY_TRY(base::replace_file(files_, path, ByteView::of(text)));
  RELAY_ASSIGN(file_, files_.open(path, base::OpenMode::read_write));
  size_ = text.size();
  head_ = std::move(head);
  tables_ = std::move(kept);
  return {};
}

Result<void> SnapshotJournal::add(FinishedTable table) {
  const std::string line = table_line(table);
  const ByteView bytes = ByteView::of(line);
  const base::MutexLock lock(mutex_);
  RELAY_TRY(file_->write_at(size_, {&bytes, 1}));
  RELAY_TRY(file_->sync());
  size_ += line.size();
  tables_.push_back(std::move(table));
  return {};
}

}  // namespace relay::seed
