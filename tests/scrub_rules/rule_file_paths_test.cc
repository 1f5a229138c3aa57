#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {
namespace {

namespace fs = std::filesystem;

std::string lines_of(const base::Problems& problems) {
  std::string text;
  for (const base::Problem& problem : problems) text += base::problem_line(problem) + "\n";
  return text;
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("rule_file_test." + std::to_string(std::random_device()()))) {
    fs::create_directories(path_ / "rules");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

TEST_CASE("rule_file: patterns name files beside the configuration, each read once", "[scrub_rules]") {
  const Folder folder;
  folder.write("rules/b.toml", "[defaults]\ncolumn = \"keep\"\n");
  folder.write("rules/a.toml", "[[table]]\nname = \"shop.a\"\n");
  folder.write("rules/.hidden.toml", "syntax error");
  folder.write("rules/a.toml~", "syntax error");
  base::Problems problems;
  const RuleSet rules = RuleSet::load({"rules/*.toml", "rules/a.toml", "rules/?.toml"}, folder.path(), problems);
  INFO(lines_of(problems));
  CHECK(problems.empty());
  REQUIRE(rules.tables().size() == 1);
  // Defaults of one file hold for all, whatever the order of reading.
  CHECK(rules.tables().front().column_default == ColumnDefault::keep);
  CHECK(rules.find("shop", "a", false) != nullptr);
}

TEST_CASE("rule_file: mistakes of all files and patterns are told together", "[scrub_rules]") {
  const Folder folder;
  folder.write("rules/a.toml",
               "[defaults]\ntable = \"pass\"\n[keys]\nk = { env = \"NO_SUCH_KEY\" }\n[[table]]\nname = \"shop.a\"\n");
  folder.write("rules/b.toml",
               "[defaults]\ntable = \"deny\"\n[keys]\nk = { env = \"NO_SUCH_KEY\" }\n[[table]]\nname = \"shop.a\"\n");
  folder.write("rules/c.toml", "not toml");
  base::Problems problems;
  static_cast<void>(
      RuleSet::load({"rules/*.toml", "more/*.toml", "rules/*.tml", "one.toml", "r*/a.toml"}, folder.path(), problems));
  const std::string lines = lines_of(problems);
  INFO(lines);
  CHECK(problems.size() == 9);
  CHECK_THAT(lines, Catch::Contains("a.toml:4: keys.k: the environment has no such variable"));
  CHECK_THAT(lines, Catch::Contains("b.toml:2: defaults.table: is set a second time"));
  CHECK_THAT(lines, Catch::Contains("b.toml:4: keys.k: is set a second time"));
  CHECK_THAT(lines, Catch::Contains("b.toml:5: table shop.a: is ruled a second time"));
  CHECK_THAT(lines, Catch::Contains("c.toml:1: is not valid TOML"));
  CHECK_THAT(lines, Catch::Contains("rules.files: more/*.toml: the directory cannot be read"));
  CHECK_THAT(lines, Catch::Contains("rules.files: rules/*.tml: no rule file has such a name"));
  CHECK_THAT(lines, Catch::Contains("rules.files: one.toml: there is no such rule file"));
  CHECK_THAT(lines, Catch::Contains("rules.files: r*/a.toml: a wildcard stands in the directory"));
}

TEST_CASE("rule_file: no rule file at all is a mistake", "[scrub_rules]") {
  base::Problems problems;
  static_cast<void>(RuleSet::load({}, ".", problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().key == "rules.files");
}

}  // namespace
}  // namespace relay::scrub_rules
