#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/seed/manifest.h"
#include "relay/source/change_scan.h"

namespace relay::seed {

// What finished tables were read under, and from where on the source's binary log says what became of them since.
struct JournalHead {
  std::string made_by;  // program and version
  std::string source;   // text_of_source()
  std::string rules_digest;
  // At or before the moment that the tables are of.
  source::LogPlace place;
  // When the file of that place was begun (ChangeScan::first_file_made). 0: nothing can be proven by this place.
  std::uint32_t file_made = 0;
};

// Tells one source from another, and from itself in another version.
[[nodiscard]] std::string text_of_source(const source::SourceFacts& facts);

// A table whose files are whole and on the disk.
struct FinishedTable {
  TableRecord record;
  std::string mark;  // table_mark.h
};

// What is done of the snapshot in a folder, so that one that was ended goes on from there: a file of JSON lines, the
// head and then a table each. Names, numbers and digests; no value of a row. Any thread may add; one owns it otherwise.
class SnapshotJournal {
 public:
  // Reads what is there. A line that is torn or no table ends it, and a file that cannot be read has nothing. Errors:
  // io.
  [[nodiscard]] static base::Result<std::unique_ptr<SnapshotJournal>> open(base::FileSystem& files,
                                                                           const std::string& directory);

  [[nodiscard]] const std::optional<JournalHead>& head() const { return head_; }
  [[nodiscard]] std::vector<FinishedTable> tables() const;
  // Forgets those whose files are not there as they were written; says how many.
  [[nodiscard]] std::size_t forget_broken();
  // Forgets all, until begin() in memory alone.
  void forget();
  // Begins anew, with the tables that are kept. What was there before holds until all of this is on the disk.
  [[nodiscard]] base::Result<void> begin(JournalHead head, std::vector<FinishedTable> kept);
  // Is on the disk when this returns. REQUIRES: begin(), and the table's files are on the disk.
  [[nodiscard]] base::Result<void> add(FinishedTable table);

 private:
  SnapshotJournal(base::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}
  void read(std::string_view text);
  [[nodiscard]] bool is_whole(const TableRecord& table) const;

  base::FileSystem& files_;
  const std::string directory_;
  std::optional<JournalHead> head_;
  mutable base::Mutex mutex_;
  std::vector<FinishedTable> tables_ RELAY_GUARDED_BY(mutex_);
  std::unique_ptr<base::File> file_ RELAY_GUARDED_BY(mutex_);
  std::uint64_t size_ RELAY_GUARDED_BY(mutex_) = 0;
};

}  // namespace relay::seed
