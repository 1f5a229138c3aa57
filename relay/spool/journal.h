#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::spool {

// One transaction in a spool file's journal ("spool.000001.journal"; FORMAT.md): where it ends in the spool file and in the source's
// file, and what was done to its events. Fixed size with a CRC, so that a torn record is seen.
struct JournalRecord {
  std::uint64_t spool_end = 0;
  std::uint64_t source_end = 0;      // offset in the source's file
  std::uint32_t events_kept = 0;     // left as they came
  std::uint32_t events_replaced = 0;
  std::uint32_t events_dropped = 0;
  friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
};

// Appends records beside the spool file, and finds the last good one. One thread at a time.
class Journal {
 public:
  [[nodiscard]] static base::Result<Journal> create(base::FileSystem& files, const std::string& path);
  // Opens an existing one and cuts a torn tail.
  [[nodiscard]] static base::Result<Journal> open(base::FileSystem& files, const std::string& path);

  [[nodiscard]] base::Result<void> append(const JournalRecord& record);
  [[nodiscard]] base::Result<void> sync();
  // The last record whose spool_end is at most `limit`; none when there is none.
  [[nodiscard]] base::Result<std::optional<JournalRecord>> last_within(std::uint64_t limit);
  // Forgets all records after those with spool_end <= `limit`.
  [[nodiscard]] base::Result<void> cut(std::uint64_t limit);

 private:
  Journal(std::unique_ptr<base::File> file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  std::unique_ptr<base::File> file_;
  std::uint64_t size_;
};

}  // namespace relay::spool
