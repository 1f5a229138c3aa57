#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/seed/rows_file.h"

namespace relay::seed {

// The statements of a file with rows, one after the other. Holds one of them, and some pieces of the file. One thread
// owns it.
class RowsFileReader {
 public:
  // Reads the whole file once, before any statement: its size and digest have to be those of `record`. `table` as it
  // stands in a statement: "`shop`.`orders`". Errors: io; malformed where the file is another one.
  [[nodiscard]] static base::Result<RowsFileReader> open(base::FileSystem& files, const std::string& path,
                                                         const FileRecord& record, const std::string& table);
  RowsFileReader(RowsFileReader&& other) noexcept;
  RowsFileReader& operator=(RowsFileReader&& other) noexcept;
  ~RowsFileReader();

  // The next INSERT, without its semicolon, valid until the next call; none at the end, where rows and bytes have been
  // counted and the digest seen again. Errors: io; malformed for what RowsWriter would not have written.
  [[nodiscard]] base::Result<std::optional<std::string_view>> next();
  // Rows of the statements so far.
  [[nodiscard]] std::uint64_t rows() const;

 private:
  struct State;
  explicit RowsFileReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace relay::seed
