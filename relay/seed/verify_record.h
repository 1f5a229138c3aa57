#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/result.h"
#include "relay/seed/verify_findings.h"

namespace relay::seed {

// What a comparison has done so far, in a file, so that one that was ended goes on from there. It has keys of rows that
// leave as they are, and no other value. Any thread may use it.
class VerifyRecord {
 public:
  // `bound_to` says what the record holds for: rules and servers. A file that was made for something else is begun
  // anew. Without a path nothing is kept. Errors: io; malformed, for a file that is no record.
  [[nodiscard]] static base::Result<VerifyRecord> open(base::FileSystem& files, std::string path, std::string bound_to);
  VerifyRecord(VerifyRecord&& other) noexcept;

  struct Entry {
    TableFindings findings;
    std::optional<KeyValues> up_to;  // none: the table was done
    std::int64_t at = 0;             // seconds since 1970
  };
  // What an earlier run found of a table, and how far it came, within a day. Nothing where it was compared by another
  // definition or key than `mark`, a mark_of(), stands for.
  [[nodiscard]] std::optional<Entry> find(const sql::TableName& table, const std::string& mark) const;

  [[nodiscard]] base::Result<void> passed(const TableFindings& findings, const KeyValues& up_to);
  [[nodiscard]] base::Result<void> done(const TableFindings& findings);
  // The table is to be compared again.
  [[nodiscard]] base::Result<void> forget(const sql::TableName& table);
  // The run is over: the file goes.
  [[nodiscard]] base::Result<void> remove();

 private:
  using Name = std::pair<std::string, std::string>;
  VerifyRecord(base::FileSystem& files, std::string path, std::string bound_to)
      : files_(&files), path_(std::move(path)), bound_to_(std::move(bound_to)) {}
  base::Result<void> read(const std::string& text);
  base::Result<void> put(const TableFindings& findings, std::optional<KeyValues> up_to);
  [[nodiscard]] std::string text() const RELAY_REQUIRES(mutex_);

  base::FileSystem* files_;
  std::string path_, bound_to_;
  mutable base::Mutex mutex_;
  std::map<Name, Entry> entries_ RELAY_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point written_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::seed
