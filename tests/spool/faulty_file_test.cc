#include "tests/support/faulty_file.h"

#include <catch2/catch.hpp>
#include <cerrno>

namespace relay::testing {
namespace {

using base::ByteView;
using base::OpenMode;
using Loss = FaultyFileSystem::Loss;

base::Result<void> write(base::File& file, std::uint64_t offset, std::string_view text) {
  const ByteView bytes = ByteView::of(text);
  return file.write_at(offset, {&bytes, 1});
}

TEST_CASE("faulty_file: a power loss forgets what was not synced, names as well as bytes", "[spool][support]") {
  FaultyFileSystem files;
  {
    const auto kept = *files.open("d/kept", OpenMode::create);
    const auto unnamed = *files.open("d/unnamed", OpenMode::create);
    REQUIRE(write(*kept, 0, "first"));
    REQUIRE(kept->sync());
    REQUIRE(files.remove("d/unnamed"));
    REQUIRE(files.sync_directory("d"));
    REQUIRE(write(*kept, 5, " second"));
    const auto late = *files.open("d/late", OpenMode::create);
    REQUIRE(write(*late, 0, "late"));
    REQUIRE(late->sync());
  }
  CHECK(files.content("d/kept") == "first second");
  files.restart(Loss::unsynced);
  CHECK(files.content("d/kept") == "first");
  CHECK(files.names() == std::vector<std::string>{"d/kept"});
}

TEST_CASE("faulty_file: a killed process loses nothing that it wrote", "[spool][support]") {
  FaultyFileSystem files;
  REQUIRE(write(**files.open("d/a", OpenMode::create), 0, "bytes"));
  files.restart(Loss::nothing);
  CHECK(files.content("d/a") == "bytes");
}

TEST_CASE("faulty_file: some sectors of an unsynced write survive a power loss and some do not", "[spool][support]") {
  FaultyFileSystem files;
  const std::string text(512 * 64, 'x');
  {
    const auto file = *files.open("d/a", OpenMode::create);
    REQUIRE(file->sync());
    REQUIRE(files.sync_directory("d"));
    REQUIRE(write(*file, 0, text));
  }
  files.restart(Loss::some, 1);
  const std::string left = files.content("d/a");
  CHECK(left.find('x') != std::string::npos);
  CHECK(left != text);
}

TEST_CASE("faulty_file: fails one call, with a short write, and works again", "[spool][support]") {
  FaultyFileSystem files;
  const auto file = *files.open("d/a", OpenMode::create);
  files.fail_call(files.calls() + 1, EIO);
  const auto wrote = write(*file, 0, "0123456789");
  REQUIRE_FALSE(wrote);
  CHECK(wrote.error().system_code() == EIO);
  CHECK(files.content("d/a") == "01234");
  CHECK(files.struck());
  CHECK(write(*file, 0, "0123456789"));
}

TEST_CASE("faulty_file: a full disk refuses writes and takes truncation", "[spool][support]") {
  FaultyFileSystem files;
  const auto file = *files.open("d/a", OpenMode::create);
  REQUIRE(write(*file, 0, "0123456789"));
  files.fill_up_at(files.calls() + 1);
  const auto wrote = write(*file, 10, "more");
  REQUIRE_FALSE(wrote);
  CHECK(wrote.error().system_code() == ENOSPC);
  CHECK_FALSE(files.open("d/b", OpenMode::create));
  CHECK(file->truncate(3));
  files.heal();
  CHECK(write(*file, 3, "more"));
  CHECK(files.content("d/a") == "012more");
}

TEST_CASE("faulty_file: nothing works between a crash and the restart", "[spool][support]") {
  FaultyFileSystem files;
  const auto file = *files.open("d/a", OpenMode::create);
  files.crash_at(files.calls() + 1, false);
  CHECK_FALSE(write(*file, 0, "0123456789"));
  CHECK_FALSE(file->truncate(0));
  CHECK(files.crashed());
  files.restart(Loss::nothing);
  CHECK(files.content("d/a") == "01234");
  CHECK(file->truncate(0));
}

}  // namespace
}  // namespace relay::testing
