#include "scrub_rules/key_ring.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace relay::scrub_rules {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("key_ring_test." + std::to_string(std::random_device()()))) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    REQUIRE(::chmod((path_ / name).c_str(), mode) == 0);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

// The key, or "error: what" where it is refused.
std::string read(KeySource::Kind kind, const std::string& place, const std::string& directory = ".",
                 int milliseconds = 20000) {
  const auto key = SystemKeys(milliseconds).read({kind, place}, directory);
  if (key) return key->reveal();
  CHECK(key.error().kind() == base::ErrorKind::configuration);
  CHECK_FALSE(key.error().remedy().empty());
  return "error: " + key.error().message();
}

const std::string kText = "0123456789abcdef0123456789abcdef";

TEST_CASE("key_ring: a file's bytes are the key, without a line end behind text", "[scrub_rules]") {
  const Folder folder;
  const std::string binary = std::string("\x00\xff\x01", 3) + std::string(28, 'x') + "\n";
  folder.write("binary", binary);
  folder.write("text", kText);
  folder.write("line", kText + "\n");
  folder.write("windows", kText + "\r\n");
  folder.write("lines", kText + "\n\n");
  CHECK(read(KeySource::Kind::file, "binary", folder.path()) == binary);
  CHECK(read(KeySource::Kind::file, "text", folder.path()) == kText);
  CHECK(read(KeySource::Kind::file, "line", folder.path()) == kText);
  CHECK(read(KeySource::Kind::file, "windows", folder.path()) == kText);
  CHECK(read(KeySource::Kind::file, "lines", folder.path()) == kText + "\n\n");
  CHECK(read(KeySource::Kind::file, folder.path() + "/text", "/nowhere") == kText);
}

TEST_CASE("key_ring: files that are missing, open to everyone or of a wrong size are refused", "[scrub_rules]") {
  const Folder folder;
  folder.write("short", kText.substr(1));
  folder.write("short line", kText.substr(1) + "\n");
  folder.write("long", std::string(4097, 'x'));
  folder.write("huge", std::string(100000, 'x'));
  folder.write("longest", std::string(4096, 'x') + "\r\n");
  folder.write("readable", kText, 0604);
  folder.write("writable", kText, 0602);
  CHECK_THAT(read(KeySource::Kind::file, "nothing", folder.path()), Catch::Contains("cannot be read"));
  CHECK_THAT(read(KeySource::Kind::file, "", folder.path()), Catch::Contains("cannot be read"));
  CHECK_THAT(read(KeySource::Kind::file, "short", folder.path()), Catch::Contains("shorter than 32"));
  CHECK_THAT(read(KeySource::Kind::file, "short line", folder.path()), Catch::Contains("shorter than 32"));
  CHECK_THAT(read(KeySource::Kind::file, "long", folder.path()), Catch::Contains("longer than 4096"));
  CHECK_THAT(read(KeySource::Kind::file, "huge", folder.path()), Catch::Contains("longer than 4096"));
  CHECK(read(KeySource::Kind::file, "longest", folder.path()) == std::string(4096, 'x'));
  CHECK_THAT(read(KeySource::Kind::file, "readable", folder.path()), Catch::Contains("by everyone"));
  CHECK_THAT(read(KeySource::Kind::file, "writable", folder.path()), Catch::Contains("by everyone"));
}

TEST_CASE("key_ring: a key comes from the environment", "[scrub_rules]") {
  REQUIRE(::setenv("KEY_RING_TEST", kText.c_str(), 1) == 0);
  CHECK(read(KeySource::Kind::environment, "KEY_RING_TEST") == kText);
  INFO("what a shell reads from a file may have a line end, which is no more part of the key than in the file");
  for (const std::string end : {"\n", "\r\n"}) {
    REQUIRE(::setenv("KEY_RING_TEST", (kText + end).c_str(), 1) == 0);
    CHECK(read(KeySource::Kind::environment, "KEY_RING_TEST") == kText);
    REQUIRE(::setenv("KEY_RING_TEST", (kText.substr(1) + end).c_str(), 1) == 0);
    CHECK_THAT(read(KeySource::Kind::environment, "KEY_RING_TEST"), Catch::Contains("shorter than 32"));
    REQUIRE(::setenv("KEY_RING_TEST", (std::string(4096, 'x') + end).c_str(), 1) == 0);
    CHECK(read(KeySource::Kind::environment, "KEY_RING_TEST") == std::string(4096, 'x'));
  }
  REQUIRE(::setenv("KEY_RING_TEST", (kText + "\xff\n").c_str(), 1) == 0);
  CHECK(read(KeySource::Kind::environment, "KEY_RING_TEST") == kText + "\xff\n");
  REQUIRE(::setenv("KEY_RING_TEST", std::string(4097, 'x').c_str(), 1) == 0);
  CHECK_THAT(read(KeySource::Kind::environment, "KEY_RING_TEST"), Catch::Contains("longer than 4096"));
  REQUIRE(::setenv("KEY_RING_TEST", "short", 1) == 0);
  CHECK_THAT(read(KeySource::Kind::environment, "KEY_RING_TEST"), Catch::Contains("shorter than 32"));
  REQUIRE(::unsetenv("KEY_RING_TEST") == 0);
  CHECK_THAT(read(KeySource::Kind::environment, "KEY_RING_TEST"), Catch::Contains("no such variable"));
}

TEST_CASE("key_ring: a key comes from a command, which must end well, and in time", "[scrub_rules]") {
  CHECK(read(KeySource::Kind::command, "printf '%s\\n' " + kText) == kText);
  CHECK(read(KeySource::Kind::command, "printf '%s\\r\\n' " + kText) == kText);
  CHECK_THAT(read(KeySource::Kind::command, "printf %s " + kText + "; exit 1"), Catch::Contains("failed"));
  CHECK_THAT(read(KeySource::Kind::command, "no_such_command_here"), Catch::Contains("failed"));
  CHECK_THAT(read(KeySource::Kind::command, "printf short"), Catch::Contains("shorter than 32"));
  CHECK_THAT(read(KeySource::Kind::command, "exec yes"), Catch::Contains("failed"));
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(read(KeySource::Kind::command, "sleep 60; printf %s " + kText, ".", 200), Catch::Contains("took longer"));
  CHECK_THAT(read(KeySource::Kind::command, "printf %s " + kText + "; exec >&-; sleep 60", ".", 200),
             Catch::Contains("took longer"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("key_ring: no refusal repeats a byte of a key", "[scrub_rules]") {
  const Folder folder;
  folder.write("short", "CANARY");
  folder.write("open", "CANARY" + kText, 0644);
  CHECK(read(KeySource::Kind::file, "short", folder.path()).find("CANARY") == std::string::npos);
  CHECK(read(KeySource::Kind::file, "open", folder.path()).find("CANARY") == std::string::npos);
  CHECK(read(KeySource::Kind::command, "echo CANARY; echo CANARY >&2; exit 3").find("CANARY") == std::string::npos);
}

TEST_CASE("key_ring: copies share a key; what is only declared has none", "[scrub_rules]") {
  KeyRing keys;
  keys.declare("other");
  keys.put("person", base::Secret(kText));
  const KeyRing copy = keys;
  REQUIRE(copy.find("person") != nullptr);
  CHECK(copy.find("person") == keys.find("person"));
  CHECK(copy.find("person")->reveal() == kText);
  CHECK(copy.declares("other"));
  CHECK(copy.find("other") == nullptr);
  CHECK_FALSE(copy.declares("nobody"));
}

}  // namespace
}  // namespace relay::scrub_rules
