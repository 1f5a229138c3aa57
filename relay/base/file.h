#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::base {

// One open file. Offsets and sizes are bytes. An Error carries errno and the file's path.
// read_at may be called by many threads at once; everything else by one at a time.
class File {
 public:
  virtual ~File() = default;
  // Reads up to `size` bytes at `offset` into `into`; fewer only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::uint8_t* into, std::size_t size) = 0;
  // Writes all slices one behind the other at `offset`; on an error any part of them may be there.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, std::span<const ByteView> slices) = 0;
  // Content and the size needed to read it are on the disk when this returns (fdatasync).
  [[nodiscard]] virtual Result<void> sync() = 0;
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  // Whether `path` still names this file, and not another or none: somebody may have moved or removed it.
  [[nodiscard]] virtual Result<bool> is_at(const std::string& path) = 0;
};

enum class OpenMode : std::uint8_t { read, read_write, create /* read and write; an error when it exists */ };

// What the project asks of a file system; tests put a faulty one in its place. Made files have mode 0600, directories
// 0700.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  // Names, without their directory, in no order.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  [[nodiscard]] virtual Result<void> create_directory(const std::string& directory) = 0;
  // Makes creations, renames and removals inside `directory` durable.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& directory) = 0;
  // Takes an exclusive lock on `path` (made when missing) for as long as the returned object lives; an error when held.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> lock(const std::string& path) = 0;
};

// The file system of this machine; lives as long as the program.
FileSystem& posix_file_system();

// Replaces `path` by `content` so that after a crash it is either the old or the new file: write a temporary file
// beside it, sync it, rename it, sync the directory.
[[nodiscard]] Result<void> replace_file(FileSystem& files, const std::string& path, ByteView content);
// The whole file, at most `maximum` bytes; a larger one is an error.
[[nodiscard]] Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t maximum);

}  // namespace relay::base
