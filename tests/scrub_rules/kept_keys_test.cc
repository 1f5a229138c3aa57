#include <catch2/catch.hpp>

#include "scrub_rules/action_example.h"
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

// The problems that a command as the file has it, in a literal text, makes.
base::Problems problems_of(const std::string& command) {
  SystemKeys keys;
  base::Problems problems;
  static_cast<void>(RuleSet::parse("[keys]\na = { command = '''" + command + "''' }\n", "rules.toml", problems, &keys));
  return problems;
}

TEST_CASE("kept_keys: a key that stands in its own command is refused, and not repeated", "[scrub_rules]") {
  const std::string half = "q8Zr0TnWx3Lk7VbC";
  const std::string other = "mD5yHs2JgF9pEa1u";
  const std::vector<std::string> commands = {"printf " + half + other,
                                             "echo " + half + "''" + other,
                                             "echo " + half + "\"\"" + other,
                                             "echo \"" + half + "\"'" + other + "'",
                                             "printf " + half + "; printf " + other,
                                             "x=" + half + "; y=" + other + "; echo $x$y",
                                             "echo q8\\Zr0\\TnW'x3L'k7VbC\"mD5\"yHs2Jg\\F9pEa1u",
                                             "printf q8Zr0TnWx3; printf Lk7VbCmD5yHs2JgF; printf 9pEa1u"};
  for (const std::string& command : commands) {
    INFO(command);
    const base::Problems problems = problems_of(command);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().line == 2);
    CHECK_THAT(base::problem_line(problems.front()), Catch::Contains("stands in its command"));
    for (const std::string& part : {half, other, std::string("q8"), std::string("yHs2Jg")}) {
      CHECK_THAT(base::problem_line(problems.front()), !Catch::Contains(part));
    }
  }
  INFO("what a command makes is its own affair");
  CHECK(problems_of("printf %032d 7").empty());
  CHECK(problems_of("printf q8Zr0TnWx3Lk7Vb; printf CmD5yHs2JgF9pE; printf a1u").empty());
}

// A key that went where one of the words of rules belongs.
TEST_CASE("kept_keys: no message repeats a word that it does not know", "[scrub_rules]") {
  const std::string key = "q8Zr0TnWx3Lk7VbCmD5yHs2JgF9pEa1u";
  const std::string keys = "[keys]\nk = { env = \"K\" }\n";
  const auto table = [](const std::string& columns) {
    return "[[table]]\nname = \"shop.t\"\n[table.columns]\n" + columns;
  };
  const auto hash = [&](const std::string& options) {
    return keys + table("a = { action = \"hash\", key = \"k\", " + options + " }\n");
  };
  const std::vector<std::string> texts = {
      key + " = 1\n",
      "[" + key + "]\n",
      "[defaults]\n" + key + " = 1\n",
      "[defaults]\ntable = \"" + key + "\"\n",
      "[statements]\n" + key + " = 1\n",
      "[statements]\ndml = \"" + key + "\"\n",
      "[keys]\nk = \"" + key + "\"\n",
      "[keys]\nk." + key + " = \"K\"\n",
      "[keys]\n" + key + " = 1\n",
      "[keys]\n" + key + " = { env = \"K\" }\n[keys." + key.substr(1) + "x]\nfile = \"x\"\n",
      "[keys]\nk = " + key + "\n",
      "[[table]]\nname = \"shop.t\"\n" + key + " = 1\n",
      table("a = \"" + key + "\"\n"),
      table("a = { action = \"" + key + "\" }\n"),
      table("a = { action = \"keep\", " + key + " = 1 }\n"),
      table("a = { action = \"hash\", key = \"" + key + "\" }\n"),
      table("a = { action = \"email\", key = \"" + key.substr(0, 20) + "\" }\n"),
      hash("encoding = \"" + key + "\""),
      hash("encoding = \"int" + key + "\""),
      hash("length = \"" + key + "\""),
      hash(key + " = \"k\""),
      table("a = { action = \"date\", to = \"" + key + "\" }\n"),
      table("a = { action = \"round\", to = \"" + key + "\" }\n"),
      table("a = { action = \"json\", keep = [\"" + key + "\"] }\n"),
  };
  for (const std::string& text : texts) {
    INFO(text);
    base::Problems problems;
    const RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
    CHECK_FALSE(problems.empty());
    for (const base::Problem& problem : problems) {
      CHECK(base::problem_line(problem).find("Zr0TnWx3") == std::string::npos);
    }
    for (const TableRule& rule : rules.tables()) {
      for (const ColumnRule& column : rule.columns) {
        CHECK(computed_action_text(column.action).find("Zr0TnWx3") == std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
