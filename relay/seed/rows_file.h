#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/base/sha256_stream.h"

namespace relay::seed {

// A file of a snapshot, as its manifest names it.
struct FileRecord {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;      // on the disk
  std::uint64_t sql_bytes = 0;  // of the SQL in it
  std::string sha256;           // of the bytes on the disk
};

// SQL text on its way into a compressed file. The file has a name that ends in .new until finish(); the destructor
// removes what was not finished. One thread owns it. Errors: io.
class RowsFile {
 public:
  [[nodiscard]] static base::Result<RowsFile> create(base::FileSystem& files, const std::string& directory,
                                                     const std::string& name);
  RowsFile(RowsFile&& other) noexcept;
  RowsFile& operator=(RowsFile&& other) noexcept;
  ~RowsFile();

  [[nodiscard]] base::Result<void> write(base::ByteView sql);
  void count_rows(std::uint64_t rows);
  [[nodiscard]] std::uint64_t sql_bytes() const;
  // Whole, on the disk, and under its own name when this returns.
  [[nodiscard]] base::Result<FileRecord> finish();

 private:
  struct State;
  explicit RowsFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace relay::seed
