#include "relay/app/rules_in_force.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::app {
namespace {

Rules make(const std::string& text) {
  Rules rules;
  base::Problems problems;
  rules.texts = {{"rules/shop.toml", text},
                 {"rules/more.toml", "[[table]]\nname = \"shop.more\"\ncolumn_default = \"keep\"\n"}};
  rules.set = scrub_rules::RuleSet::parse(rules.texts, problems);
  REQUIRE_FALSE(base::has_errors(problems));
  rules.digest = rules.set.digest();
  return rules;
}

const std::string kText =
    "[defaults]\ntable = \"deny\"\n[[table]]\nname = \"shop.customers\"\n[table.columns]\nid = \"keep\"\n";

TEST_CASE("rules_in_force: rules come back as they were kept", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  const Rules rules = make(kText);
  CHECK(*kept_rules(files, "spool", rules.digest) == nullptr);
  REQUIRE(keep_rules(files, "spool", rules));
  REQUIRE(keep_rules(files, "spool", rules));
  const auto kept = kept_rules(files, "spool", rules.digest);
  REQUIRE(kept);
  CHECK((*kept)->digest == rules.digest);
  CHECK((*kept)->texts == rules.texts);
  CHECK((*kept)->set.table_leaves("shop", "more", false));
}

TEST_CASE("rules_in_force: the command that fetches a key is not kept", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  const Rules rules = make("[keys]\nperson = { command = \"printf secret\" }\nother = { file = \"other.key\" }\n" +
                           kText + "ssn = { action = \"hash\", key = \"person\" }\n");
  REQUIRE(keep_rules(files, "spool", rules));
  CHECK(files.content("spool/rules." + rules.digest).find("secret") == std::string::npos);
  CHECK(files.content("spool/rules." + rules.digest).find("other.key") != std::string::npos);
  const auto kept = kept_rules(files, "spool", rules.digest);
  REQUIRE(kept);
  CHECK((*kept)->digest == rules.digest);
}

TEST_CASE("rules_in_force: a kept text that was changed is no longer believed", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  const Rules rules = make(kText);
  REQUIRE(keep_rules(files, "spool", rules));
  const std::string path = "spool/rules." + rules.digest;
  std::string content = files.content(path);
  content.replace(content.find("shop.more"), 9, "shop.less");
  files.set_content(path, content);
  const auto kept = kept_rules(files, "spool", rules.digest);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("rules_in_force: the texts of other rules are not taken for those of a digest", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  const Rules rules = make(kText);
  const Rules older = make(kText + "email = \"keep\"\n");
  REQUIRE(keep_rules(files, "spool", rules));
  REQUIRE(keep_rules(files, "spool", older));
  files.set_content("spool/rules." + rules.digest, files.content("spool/rules." + older.digest));
  const auto kept = kept_rules(files, "spool", rules.digest);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("rules_in_force: a text that is not UTF-8 is refused, not changed", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  Rules rules = make(kText);
  rules.texts[0].text += "# \xff\n";
  CHECK_FALSE(keep_rules(files, "spool", rules));
}

}  // namespace
}  // namespace relay::app
