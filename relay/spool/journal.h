#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::spool {

// One transaction in a spool file's journal ("spool.000001.journal"; FORMAT.md): where it ends in the spool file and in
// the source's file, and what was done to its events. Fixed size with a CRC, so that a torn record is seen.
struct JournalRecord {
  std::uint64_t spool_end = 0;
  std::uint64_t source_end = 0;   // offset in the source's file
  std::uint32_t events_kept = 0;  // left as they came
  std::uint32_t events_replaced = 0;
  std::uint32_t events_dropped = 0;
  bool durable = false;  // the spool file was synced up to spool_end, and all earlier records, before this was written
  std::uint32_t schema_mark = 0;  // of the schema history there (SchemaHistory::mark)
  bool anonymous = false;         // the last transaction before this place is of MySQL and had no GTID
  friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
};

// Appends records beside the spool file, and finds the last good one. One thread at a time.
// Records never go backwards in spool_end; several may share one.
class Journal {
 public:
  // Makes the file with its header, neither synced.
  [[nodiscard]] static base::Result<Journal> create(base::FileSystem& files, const std::string& path);
  // Opens an existing one and cuts a torn tail. Errors: io; malformed for a broken header, and for a broken record in
  // front of a durable one (that is no torn tail but damage).
  [[nodiscard]] static base::Result<Journal> open(base::FileSystem& files, const std::string& path);

  // For looking at, beside a running writer: nothing is changed, a torn tail is passed over.
  [[nodiscard]] static base::Result<Journal> open_to_read(base::FileSystem& files, const std::string& path);

  // On an error the journal is as before, save for bytes behind its end that cut() removes.
  [[nodiscard]] base::Result<void> append(const JournalRecord& record);
  [[nodiscard]] base::Result<void> sync();
  // False when all records are known to be on the disk.
  [[nodiscard]] bool unsynced() const { return unsynced_; }
  [[nodiscard]] std::uint64_t record_count() const;
  // REQUIRES: index < record_count(). Errors: io, malformed.
  [[nodiscard]] base::Result<JournalRecord> record(std::uint64_t index) const;
  // spool_end of the last durable record; 0 when there is none.
  [[nodiscard]] std::uint64_t durable_end() const { return durable_end_; }
  // The last record whose spool_end is at most `limit`; none when there is none.
  [[nodiscard]] base::Result<std::optional<JournalRecord>> last_within(std::uint64_t limit);
  // Forgets all records after those with spool_end <= `limit`. Needs no space on the disk.
  [[nodiscard]] base::Result<void> cut(std::uint64_t limit);

 private:
  Journal(std::unique_ptr<base::File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  [[nodiscard]] base::Result<void> read_header();
  // Sets size_ to the end of the good records; true when something lies behind it.
  [[nodiscard]] base::Result<bool> find_end();
  // Number of records with spool_end <= limit.
  [[nodiscard]] base::Result<std::uint64_t> count_within(std::uint64_t limit) const;

  std::unique_ptr<base::File> file_;
  std::string path_;
  std::uint64_t size_ = 0;
  std::uint32_t seed_ = 0;  // of the records' CRCs: the CRC of this journal's header
  std::uint64_t durable_end_ = 0;
  bool unsynced_ = false;
};

}  // namespace relay::spool
