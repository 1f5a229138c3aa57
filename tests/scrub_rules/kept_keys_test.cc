#include <catch2/catch.hpp>

#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {
namespace {

class OneKey final : public KeyReader {
 public:
  explicit OneKey(char byte) : byte_(byte) {}
  base::Result<base::Secret> read(const KeySource&, const std::string&) override {
    return base::Secret(std::string(32, byte_));
  }

 private:
  char byte_;
};

RuleSet rules_with(KeyReader* keys, const std::map<std::string, std::string>& fingerprints = {}) {
  base::Problems problems;
  const std::string text =
      "[keys]\na = { command = \"touch /nowhere\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nc = { action = "
      "\"hash\", key = \"a\" }\n";
  RuleSet rules = RuleSet::parse(std::vector<RuleText>{{"rules.toml", text}}, problems, keys, fingerprints);
  CHECK(problems.empty());
  return rules;
}

TEST_CASE("kept_keys: rules of other key bytes have another digest", "[scrub_rules]") {
  OneKey first('k');
  OneKey second('j');
  CHECK(rules_with(&first).digest() == rules_with(&first).digest());
  CHECK(rules_with(&first).digest() != rules_with(&second).digest());
  CHECK(rules_with(&first).digest() != rules_with(nullptr).digest());
}

TEST_CASE("kept_keys: a fingerprint stands for a key whose bytes are not there", "[scrub_rules]") {
  OneKey key('k');
  const RuleSet rules = rules_with(&key);
  const RuleSet kept = rules_with(nullptr, rules.keys().fingerprints());
  CHECK(kept.digest() == rules.digest());
  CHECK(kept.keys().find("a") == nullptr);
  CHECK(kept.keys().fingerprint("a") == rules.keys().fingerprint("a"));
}

TEST_CASE("kept_keys: a text is kept without the commands of its keys, and otherwise as it is", "[scrub_rules]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"# printf secret\n[defaults]\ntable = \"deny\"", "# printf secret\n[defaults]\ntable = \"deny\""},
      {"[keys]\na = { file = \"x\" }\n", "[keys]\na = { file = \"x\" }\n"},
      {"[keys]\na = { command = \"printf secret\" } # æ\n[[table]]",
       "[keys]\na = { command = \"not kept\" } # æ\n[[table]]"},
      {"[keys]\n\"bø å\" = { command = 'secret\" \\' }\nb={command=\"\\\"secret\\\" }\"}\n",
       "[keys]\n\"bø å\" = { command = \"not kept\" }\nb={command=\"not kept\"}\n"},
      {"[keys.a]\r\ncommand = \"\"\"\r\nprintf \\\r\n  secret\"\"\"\r\n[keys.b]\r\nenv = \"X\"\r\n",
       "[keys.a]\r\ncommand = \"not kept\"\r\n[keys.b]\r\nenv = \"X\"\r\n"},
      {"keys.a.command = \"secret\"", "keys.a.command = \"not kept\""},
      {"keys.a.command = 12", "keys.a.command = \"not kept\""},
  };
  for (const auto& [text, kept] : cases) {
    INFO(text);
    const bool whole = text.find("[[table]]") == std::string::npos;
    CHECK(RuleSet::without_commands(text + (whole ? "" : "\nname = \"d.t\"")) ==
          kept + (whole ? "" : "\nname = \"d.t\""));
  }
  CHECK_FALSE(RuleSet::without_commands("[keys\n").has_value());
}

TEST_CASE("kept_keys: a key that stands in its own command is refused, and not repeated", "[scrub_rules]") {
  const std::string secret = "0123456789abcdef0123456789abcdef";
  SystemKeys keys;
  base::Problems problems;
  static_cast<void>(
      RuleSet::parse("[keys]\na = { command = \"printf " + secret + "\" }\nb = { command = \"printf %032d 7\" }\n",
                     "rules.toml", problems, &keys));
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().line == 2);
  CHECK_THAT(base::problem_line(problems.front()), Catch::Contains("stands in its command"));
  CHECK_THAT(base::problem_line(problems.front()), !Catch::Contains(secret));
}

}  // namespace
}  // namespace relay::scrub_rules
