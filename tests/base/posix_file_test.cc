#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>

#include "relay/base/file.h"

namespace relay::base {

namespace {

// A folder that goes with the object.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "base_tests.XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

FileSystem& files() { return posix_file_system(); }

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("posix_file: slices are written one behind the other, more than one call takes", "[base]") {
  const Folder folder;
  const auto file = files().open(folder / "a", OpenMode::create);
  REQUIRE(file);
  std::vector<ByteView> slices;
  std::string wanted = "....";
  for (int i = 0; i < 300; ++i) {
    slices.push_back(ByteView::of(i % 3 == 0 ? "" : i % 3 == 1 ? "ab" : "cde"));
    wanted += slices.back().text();
  }
  const ByteView dots = ByteView::of("....");
  REQUIRE((*file)->write_at(0, {&dots, 1}));
  REQUIRE((*file)->write_at(4, slices));
  REQUIRE((*file)->sync());
  CHECK(*read_file(files(), folder / "a", 10000) == wanted);
  CHECK(*(*file)->size() == wanted.size());
  std::uint8_t bytes[8];
  CHECK(*(*file)->read_at(wanted.size() - 3, bytes, sizeof bytes) == 3);
  CHECK(*(*file)->read_at(wanted.size() + 9, bytes, sizeof bytes) == 0);
  REQUIRE((*file)->truncate(5));
  CHECK(*read_file(files(), folder / "a", 10000) == "....a");
  CHECK(mode_of(folder / "a") == 0600);
}

TEST_CASE("posix_file: errors carry the path and the system's code", "[base]") {
  const Folder folder;
  const auto missing = files().open(folder / "none", OpenMode::read);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().system_code() == ENOENT);
  CHECK(missing.error().subject() == folder / "none");
  REQUIRE(files().open(folder / "a", OpenMode::create));
  const auto twice = files().open(folder / "a", OpenMode::create);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().system_code() == EEXIST);
  CHECK_FALSE(files().remove(folder / "none"));
  CHECK_FALSE(files().rename(folder / "none", folder / "b"));
  CHECK_FALSE(files().list(folder / "none"));
}

TEST_CASE("posix_file: a pipe or a device in a file's place is refused, and nobody waits for it", "[base]") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const std::string& path : {folder / "pipe", std::string("/dev/zero"), folder / "."}) {
    const auto opened = files().open(path, OpenMode::read);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind() == ErrorKind::io);
    CHECK(opened.error().subject() == path);
  }
}

TEST_CASE("posix_file: a file knows whether a path is its own", "[base]") {
  const Folder folder;
  const auto file = files().open(folder / "a", OpenMode::create);
  REQUIRE(file);
  CHECK(*(*file)->is_at(folder / "a"));
  REQUIRE(files().rename(folder / "a", folder / "b"));
  CHECK_FALSE(*(*file)->is_at(folder / "a"));
  CHECK(*(*file)->is_at(folder / "b"));
  REQUIRE(files().open(folder / "a", OpenMode::create));
  CHECK_FALSE(*(*file)->is_at(folder / "a"));
}

TEST_CASE("posix_file: a file is replaced whole, whatever a crash has left over", "[base]") {
  const Folder folder;
  const std::string path = folder / "a";
  REQUIRE(replace_file(files(), path, ByteView::of("old")));
  REQUIRE(replace_file(files(), path + ".new", ByteView::of("left over")));
  REQUIRE(replace_file(files(), path, ByteView::of("new")));
  CHECK(*read_file(files(), path, 3) == "new");
  CHECK_FALSE(read_file(files(), path, 2));
  CHECK_FALSE(*files().exists(path + ".new"));
}

TEST_CASE("posix_file: folders are made, listed and kept to their owner", "[base]") {
  const Folder folder;
  REQUIRE(files().create_directory(folder / "d"));
  REQUIRE(files().create_directory(folder / "d"));
  CHECK(mode_of(folder / "d") == 0700);
  REQUIRE(files().open(folder / "d/x", OpenMode::create));
  REQUIRE(files().open(folder / "d/y", OpenMode::create));
  auto names = *files().list(folder / "d");
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"x", "y"});
  REQUIRE(files().rename(folder / "d/x", folder / "d/z"));
  REQUIRE(files().remove(folder / "d/y"));
  REQUIRE(files().sync_directory(folder / "d"));
  CHECK(*files().list(folder / "d") == std::vector<std::string>{"z"});
  CHECK(*files().exists(folder / "d/z"));
  CHECK_FALSE(*files().exists(folder / "d/x"));
}

TEST_CASE("posix_file: a lock is held by one until it goes", "[base]") {
  const Folder folder;
  {
    const auto first = files().lock(folder / "lock");
    REQUIRE(first);
    CHECK_FALSE(files().lock(folder / "lock"));
  }
  CHECK(files().lock(folder / "lock"));
}

}  // namespace relay::base
