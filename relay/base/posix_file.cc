#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "relay/base/file.h"

namespace relay::base {

namespace {

tl::unexpected<Error> system_error(FixedText what, const std::string& path) {
  const int code = errno;
  return fail(Error(ErrorKind::io, what).about(path).code(code));
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<std::size_t> read_at(std::uint64_t offset, std::uint8_t* into, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(descriptor_, into + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("cannot read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::span<const ByteView> slices) override {
    std::size_t slice = 0;
    std::size_t inside = 0;  // bytes of slices[slice] that are written already
    while (slice < slices.size()) {
      std::array<iovec, 64> vectors{};
      int count = 0;
      for (std::size_t i = slice; i < slices.size() && count < static_cast<int>(vectors.size()); ++i) {
        const ByteView part = i == slice ? slices[i].sub(inside) : slices[i];
        vectors[static_cast<std::size_t>(count++)] = {const_cast<std::uint8_t*>(part.data()), part.size()};
      }
      const ssize_t wrote = ::pwritev(descriptor_, vectors.data(), count, static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return system_error("cannot write", path_);
      offset += static_cast<std::uint64_t>(wrote);
      inside += static_cast<std::size_t>(wrote);
      while (slice < slices.size() && inside >= slices[slice].size()) inside -= slices[slice++].size();
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return system_error("cannot sync", path_);
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return system_error("cannot truncate", path_);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return system_error("cannot read the size of", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<bool> is_at(const std::string& path) override {
    struct stat own {};
    struct stat named {};
    if (::fstat(descriptor_, &own) != 0) return system_error("cannot look up", path_);
    if (::stat(path.c_str(), &named) == 0) return own.st_dev == named.st_dev && own.st_ino == named.st_ino;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_error("cannot look up", path);
  }

 private:
  int descriptor_;
  std::string path_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int flags = mode == OpenMode::read         ? O_RDONLY
                      : mode == OpenMode::read_write ? O_RDWR
                                                     : O_RDWR | O_CREAT | O_EXCL;
    // A pipe would wait for its other end, and a device has no end.
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600);
    if (descriptor < 0) return system_error("cannot open", path);
    auto file = std::make_unique<PosixFile>(descriptor, path);
    struct stat about = {};
    if (::fstat(descriptor, &about) != 0) return system_error("cannot look up", path);
    if (!S_ISREG(about.st_mode)) return fail(Error(ErrorKind::io, "is no ordinary file").about(path));
    return file;
  }

  Result<bool> exists(const std::string& path) override {
    if (::access(path.c_str(), F_OK) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_error("cannot look up", path);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot rename", from);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return system_error("cannot remove", path);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* const opened = ::opendir(directory.c_str());
    if (opened == nullptr) return system_error("cannot list", directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(opened)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(opened);
    return names;
  }

  Result<void> create_directory(const std::string& directory) override {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
      return system_error("cannot make directory", directory);
    return {};
  }

  Result<void> sync_directory(const std::string& directory) override {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_error("cannot open directory", directory);
    const PosixFile closer(descriptor, directory);
    if (::fsync(descriptor) != 0) return system_error("cannot sync directory", directory);
    return {};
  }

  Result<std::unique_ptr<File>> lock(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error("cannot open the lock file", path);
    auto file = std::make_unique<PosixFile>(descriptor, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return system_error("another process holds the lock", path);
    return file;
  }
};

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem instance;
  return instance;
}

Result<void> replace_file(FileSystem& files, const std::string& path, ByteView content) {
  const std::string temporary = path + ".new";
  RELAY_ASSIGN(const bool left_over, files.exists(temporary));
  if (left_over) RELAY_TRY(files.remove(temporary));
  {
    RELAY_ASSIGN(const auto file, files.open(temporary, OpenMode::create));
    RELAY_TRY(file->write_at(0, {&content, 1}));
    RELAY_TRY(file->sync());
  }
  RELAY_TRY(files.rename(temporary, path));
  return files.sync_directory(directory_of(path));
}

Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t maximum) {
  RELAY_ASSIGN(const auto file, files.open(path, OpenMode::read));
  RELAY_ASSIGN(const std::uint64_t size, file->size());
  if (size > maximum) return fail(Error(ErrorKind::configuration, "the file is larger than allowed").about(path));
  std::string content(static_cast<std::size_t>(size), '\0');
  RELAY_ASSIGN(const std::size_t got,
               file->read_at(0, reinterpret_cast<std::uint8_t*>(content.data()), content.size()));
  content.resize(got);
  return content;
}

}  // namespace relay::base
