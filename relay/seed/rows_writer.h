#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/seed/rows_file.h"

namespace relay::seed {

// The rows of a part of a table as INSERT statements of about a mebibyte, in files of about 64 MiB of SQL, each of
// which a client can load by itself. Holds one statement. One thread owns it.
class RowsWriter {
 public:
  struct Target {
    base::FileSystem& files;
    std::string directory;
    std::string head;    // of each file: rows_file_head()
    std::string insert;  // "INSERT INTO `shop`.`orders` (`id`) VALUES"
    std::function<std::string()> next_name;
  };
  explicit RowsWriter(Target target) : target_(std::move(target)) {}

  // Takes a row, "(literal,...)". Errors: io; unsupported for a row of more than a gibibyte.
  [[nodiscard]] base::Result<void> add(base::ByteView row);
  // Ends the last file.
  [[nodiscard]] base::Result<void> finish();
  [[nodiscard]] const std::vector<FileRecord>& records() const { return records_; }

 private:
  base::Result<void> flush();
  base::Result<void> end_file();

  Target target_;
  base::Buffer statement_;
  std::uint64_t rows_in_statement_ = 0;
  std::optional<RowsFile> file_;
  std::vector<FileRecord> records_;
};

// Sets the session that loads a file as row_scrubber.h wants it; keys are not checked while rows come.
[[nodiscard]] std::string rows_file_head();

}  // namespace relay::seed
