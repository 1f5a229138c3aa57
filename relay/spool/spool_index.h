#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

// From `offset` of a spool file on, other rules were in force.
struct RulesChange {
  std::uint64_t offset = 0;
  std::string digest;      // hex SHA-256
  std::uint32_t time = 0;  // seconds since 1970
  friend bool operator==(const RulesChange&, const RulesChange&) = default;
};

// What the index keeps of one spool file.
struct SpoolFileEntry {
  std::uint32_t number = 0;
  SourceIdentity source;
  SourcePosition source_start;             // where its first event lies in the source's log
  GtidState gtids_before;                  // all GTIDs of the stream before this file
  std::string source_version;              // server version of its format description
  std::uint32_t created = 0;               // seconds since 1970, when the file was made
  std::string rules_digest;                // hex SHA-256 of the rules in force at its start; empty when not told
  std::uint32_t schema_mark = 0;           // of the schema history at its start (SchemaHistory::mark)
  std::vector<RulesChange> rules_changes;  // in order
  // Of the rules in force at its end.
  [[nodiscard]] const std::string& last_rules() const {
    return rules_changes.empty() ? rules_digest : rules_changes.back().digest;
  }
  friend bool operator==(const SpoolFileEntry&, const SpoolFileEntry&) = default;
};

// The text of the index file (FORMAT.md), with its closing line.
[[nodiscard]] std::string encode_index(const std::vector<SpoolFileEntry>& entries);
// Errors: malformed, whose subject is the line ("line 3").
[[nodiscard]] base::Result<std::vector<SpoolFileEntry>> decode_index(std::string_view text);

// The list of spool files, oldest first, kept in "spool.index" (JSON lines; FORMAT.md), replaced as a whole so that a
// crash leaves the old or the new list. Any thread may read; only the writer and purge change it.
class SpoolIndex {
 public:
  SpoolIndex(base::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}
  SpoolIndex(const SpoolIndex&) = delete;
  SpoolIndex& operator=(const SpoolIndex&) = delete;

  // Reads the index file; an absent one is an empty spool. Errors: io, malformed (names the line).
  [[nodiscard]] base::Result<void> load();
  // Durable when it returns. On an error the list is as before, but the index file may hold either list: see rewrite().
  // Errors: io; unsupported when a name in it is not UTF-8.
  [[nodiscard]] base::Result<void> add(SpoolFileEntry entry);
  // Other rules are in force from here on, which is the end of the last file. Durable when it returns. Errors: io;
  // unsupported in an empty spool.
  [[nodiscard]] base::Result<void> change_rules(const RulesChange& change);
  // Writes the present list again. After success the index file holds it for certain.
  [[nodiscard]] base::Result<void> rewrite();
  // Takes the oldest `count` files out of the list and then removes them and their journals from the disk. Never the
  // last one.
  [[nodiscard]] base::Result<void> remove_oldest(std::size_t count);

  // Removes a spool file and its journal from the disk, where they are there; the list stays.
  [[nodiscard]] base::Result<void> remove_files(std::uint32_t number);

  [[nodiscard]] std::vector<SpoolFileEntry> entries() const;
  [[nodiscard]] std::optional<SpoolFileEntry> find(std::uint32_t number) const;
  [[nodiscard]] std::optional<SpoolFileEntry> first() const;
  [[nodiscard]] std::optional<SpoolFileEntry> last() const;
  // The file after `number`; none when it is the last.
  [[nodiscard]] std::optional<SpoolFileEntry> next(std::uint32_t number) const;
  [[nodiscard]] std::string path(std::uint32_t number) const;
  [[nodiscard]] std::string journal_path(std::uint32_t number) const;

 private:
  [[nodiscard]] base::Result<void> store(const std::vector<SpoolFileEntry>& entries);

  base::FileSystem& files_;
  std::string directory_;
  base::Mutex change_;  // held over a whole change, disk and all; readers do not wait for it
  mutable base::Mutex mutex_;
  std::vector<SpoolFileEntry> entries_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::spool
