#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "relay/app/configuration.h"

namespace relay::app::testing {
namespace {

// The least that `scrub` needs: rules. Every test adds what it is about.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/relay-canary-XXXXXX";
    REQUIRE(::mkdtemp(path) != nullptr);
    path_ = path;
    write("rules.toml", "");
    write("canary.value", "Canary-4711-Oslo\n");
    write("short.value", "4711\n");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::optional<Configuration> read(const std::string& text, base::Problems& problems,
                                    ConfigurationUse use = ConfigurationUse::files) const {
    write("relay.toml", "[rules]\nfiles = [\"rules.toml\"]\n" + text);
    return read_configuration(base::posix_file_system(), path_ + "/relay.toml", problems, use);
  }

 private:
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + '/' + name) << content;
    ::chmod((path_ + '/' + name).c_str(), 0600);
  }
  std::string path_;
};

std::string lines_of(const base::Problems& problems) {
  std::string lines;
  for (const base::Problem& problem : problems) lines += base::problem_line(problem) + '\n';
  return lines;
}

TEST_CASE("configuration: for files only the rules have to be there, for the relay everything", "[app]") {
  const Folder folder;
  base::Problems problems;
  const auto configuration = folder.read("", problems);
  INFO(lines_of(problems));
  REQUIRE(configuration);
  CHECK(problems.empty());
  CHECK(configuration->spool.directory.empty());
  CHECK_FALSE(configuration->spool.prove);
  CHECK_FALSE(folder.read("", problems, ConfigurationUse::relay));
}

TEST_CASE("configuration: what is there for files is checked all the same", "[app]") {
  const Folder folder;
  base::Problems problems;
  CHECK_FALSE(folder.read("[spool]\ndirectory = \"spool\"\nprove = \"yes\"\n", problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].key == "spool.prove");
  problems.clear();
  const auto configuration = folder.read("[spool]\ndirectory = \"spool\"\nprove = true\n", problems);
  REQUIRE(configuration);
  CHECK(configuration->spool.prove);
}

TEST_CASE("configuration: canaries are read from files or from the configuration itself", "[app]") {
  const Folder folder;
  base::Problems problems;
  const auto configuration = folder.read(
      "[[canary]]\nname = \"ola\"\nvalue_file = \"canary.value\"\n[[canary]]\nname = \"kari\"\nvalue = "
      "\"Canary-4712\"\n",
      problems);
  INFO(lines_of(problems));
  REQUIRE(configuration);
  REQUIRE(configuration->canaries.size() == 2);
  CHECK(configuration->canaries[0].name == "ola");
  CHECK(configuration->canaries[0].value.reveal() == "Canary-4711-Oslo");
  CHECK(configuration->canaries[1].value.reveal() == "Canary-4712");
}

TEST_CASE("configuration: every mistake about a canary is told, and never its value", "[app]") {
  const Folder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"value = \"Canary-4711\"\n", "canary[1].name"},
      {"name = \"a\"\n", "canary[1].value_file"},
      {"name = \"a\"\nvalue = \"Canary-4711\"\nvalue_file = \"canary.value\"\n", "canary[1].value_file"},
      {"name = \"a\"\nvalue_file = \"no-such-file\"\n", "canary[1].value_file"},
      {"name = \"a\"\nvalue = \"4711\"\n", "canary[1].name"},
      {"name = \"a\"\nvalue_file = \"short.value\"\n", "canary[1].name"},
      {"name = \"a\"\nvalue = 47114711\n", "canary[1].value"},
      {"name = \"a\"\nvalue = \"Canary-4711\"\ncolumn = \"x\"\n", "canary[1].column"},
      {"name = \"a\"\nvalue = \"Canary-4711\"\n[[canary]]\nname = \"a\"\nvalue = \"Canary-4712\"\n", "canary[2].name"},
  };
  for (const auto& [text, key] : cases) {
    INFO(text);
    base::Problems problems;
    CHECK_FALSE(folder.read(std::string("[[canary]]\n") + text, problems));
    REQUIRE_FALSE(problems.empty());
    INFO(lines_of(problems));
    CHECK(problems[0].key == key);
    CHECK(problems[0].line > 2);
    CHECK_FALSE(problems[0].remedy.empty());
    CHECK(lines_of(problems).find("4711") == std::string::npos);
  }
}

}  // namespace
}  // namespace relay::app::testing
