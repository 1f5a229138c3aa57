#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {
namespace {

std::string lines_of(const base::Problems& problems) {
  std::string text;
  for (const base::Problem& problem : problems) text += base::problem_line(problem) + "\n";
  return text;
}

RuleSet parsed(const std::string& text) {
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  INFO(lines_of(problems));
  CHECK(problems.empty());
  return rules;
}

TEST_CASE("rule_file: an empty file denies every table", "[scrub_rules]") {
  const RuleSet rules = parsed("");
  CHECK(rules.table_default() == TableDefault::deny);
  CHECK(rules.column_default() == ColumnDefault::drop);
  CHECK(rules.tables().empty());
}

TEST_CASE("rule_file: statements that change data halt unless the file says otherwise", "[scrub_rules]") {
  CHECK(parsed("").data_statements() == DataStatements::halt);
  CHECK(parsed("[statements]\ndml = \"halt\"\n").digest() == parsed("").digest());
  const RuleSet dropping = parsed("[statements]\ndml = \"drop-if-denied\"\n");
  CHECK(dropping.data_statements() == DataStatements::drop_if_denied);
  CHECK(dropping.digest() != parsed("").digest());
  for (const char* wrong : {"dml = \"drop\"", "dml = true", "ddl = \"halt\""}) {
    base::Problems problems;
    static_cast<void>(RuleSet::parse(std::string("[statements]\n") + wrong + "\n", "rules.toml", problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().line == 2);
    CHECK_FALSE(problems.front().remedy.empty());
  }
}

TEST_CASE("rule_file: the smallest table has a name", "[scrub_rules]") {
  const RuleSet rules = parsed("[[table]]\nname = \"shop.customers\"\n");
  REQUIRE(rules.tables().size() == 1);
  const TableRule& rule = rules.tables().front();
  CHECK(rule.database == "shop");
  CHECK(rule.table == "customers");
  CHECK(rule.column_default == ColumnDefault::drop);
  CHECK_FALSE(rule.optional);
  CHECK(rule.columns.empty());
  CHECK(rule.file == "rules.toml");
  CHECK(rule.line == 1);
}

constexpr const char* kEverything = R"(
[defaults]
table = "pass"
column = "halt"

[keys]
person = { file = "person.key" }
other = { env = "OTHER_KEY" }
third = { command = "cat key" }

[[table]]
name = "shop.customers"
column_default = "keep"
optional = true
[table.columns]
id = "keep"
ssn = "drop"
notes = "null"
"fornavn.æ" = "drop"
country = { action = "constant", value = "NO" }
score = { action = "constant", value = -1_000 }
price = { action = "constant", value = 12.340000000000000000000000000001 }
flags = { action = "constant", value = 0xff }
active = { action = "constant", value = true }
empty = { action = "constant", value = "" }
later = { action = "drop", optional = true }

[[table]]
name = "`odd.name`.`a``b`"

[[table]]
name = "shop.*"
)";

TEST_CASE("rule_file: everything that a file may say is read", "[scrub_rules]") {
  const RuleSet rules = parsed(kEverything);
  CHECK(rules.table_default() == TableDefault::pass);
  CHECK(rules.column_default() == ColumnDefault::halt);
  REQUIRE(rules.tables().size() == 3);
  const TableRule& rule = rules.tables()[0];
  CHECK(rule.column_default == ColumnDefault::keep);
  CHECK(rule.optional);
  CHECK(rule.line == 11);
  REQUIRE(rule.columns.size() == 11);
  CHECK(rule.columns.front().name == "id");
  CHECK(rule.columns.front().line == 16);
  const auto action = [&](const char* column) { return rule.find(column)->action; };
  CHECK(action("id") == Action{.kind = ActionKind::keep});
  CHECK(action("ssn") == Action{.kind = ActionKind::drop});
  CHECK(action("notes") == Action{.kind = ActionKind::null});
  CHECK(action("fornavn.æ") == Action{.kind = ActionKind::drop});
  CHECK(action("country") == Action{.kind = ActionKind::constant, .value = "NO"});
  CHECK(action("score") == Action{.kind = ActionKind::constant, .value = "-1000"});
  CHECK(action("price") == Action{.kind = ActionKind::constant, .value = "12.340000000000000000000000000001"});
  CHECK(action("flags") == Action{.kind = ActionKind::constant, .value = "0xff"});
  CHECK(action("active") == Action{.kind = ActionKind::constant, .value = "true"});
  CHECK(action("empty") == Action{.kind = ActionKind::constant, .value = ""});
  CHECK(rule.find("later")->optional);
  CHECK_FALSE(rule.find("ssn")->optional);
  CHECK(rule.find("SSN") == rule.find("ssn"));
  CHECK(rule.find("fornavn.Æ") == rule.find("fornavn.æ"));
  CHECK(rule.find("nothing") == nullptr);
  CHECK(rules.tables()[1].database == "odd.name");
  CHECK(rules.tables()[1].table == "a`b");
  CHECK(rules.tables()[2].column_default == ColumnDefault::halt);
}

TEST_CASE("rule_file: a decimal behind wide characters is taken as it is written", "[scrub_rules]") {
  const RuleSet rules =
      parsed("[[table]]\nname = \"a.b\"\ncolumns = { \"æøå😀\" = { action = \"constant\", value = 1_0.50 } }\r\n");
  CHECK(rules.tables().front().columns.front().action.value == "10.50");
}

struct Mistake {
  const char* name;
  std::string text;
  std::uint32_t line;
  const char* key;   // of the problem, whole
  const char* what;  // a part of its text
  const char* remedy = "";
};

std::string table(const std::string& columns) { return "[[table]]\nname = \"shop.t\"\n[table.columns]\n" + columns; }

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all = {
      {"syntax", "[[table]]\nname = shop.t\n", 2, "", "not valid TOML"},
      {"key twice", "[defaults]\ntable = \"deny\"\ntable = \"pass\"\n", 3, "", "not valid TOML", "given twice"},
      {"unknown section", "[[tabel]]\nname = \"a.b\"\n", 1, "", "unknown key", "did you mean table?"},
      {"unknown default", "[defaults]\ncolum = \"drop\"\n", 2, "defaults", "unknown key", "did you mean column?"},
      {"wrong word", "[defaults]\ntable = \"allow\"\n", 2, "defaults.table", "no such setting", "\"deny\", \"pass\""},
      {"wrong type", "[defaults]\ncolumn = 1\n", 2, "defaults.column", "no such setting", "\"halt\""},
      {"defaults no table", "defaults = 1\n", 1, "defaults", "is no table", "[defaults]"},
      {"keys no table", "keys = []\n", 1, "keys", "is no table"},
      {"key is text", "[keys]\na = \"x\"\n", 2, "keys.a", "is no table", "file = "},
      {"key without place", "[keys]\na = {}\n", 2, "keys.a", "exactly one place"},
      {"key with two places", "[keys]\na = { file = \"x\", env = \"Y\" }\n", 2, "keys.a", "exactly one place"},
      {"key of wrong type", "[keys]\na = { file = 1 }\n", 2, "keys.a", "file is no text"},
      {"key with empty place", "[keys]\na = { env = \"\" }\n", 2, "keys.a", "env is no text"},
      {"key with unknown place", "[keys]\na = { fil = \"x\", env = \"E\" }\n", 2, "keys.a", "unknown key", "file"},
      {"one bracket", "[table]\nname = \"a.b\"\n", 1, "table", "no list of tables", "[[table]]"},
      {"table is number", "table = [1]\n", 1, "table", "is no table"},
      {"no name", "[[table]]\ncolumn_default = \"keep\"\n", 1, "table", "has no name"},
      {"name of wrong type", "[[table]]\nname = 5\n", 2, "table", "name is no text"},
      {"no dot", "[[table]]\nname = \"customers\"\n", 2, "table customers", "not of the form"},
      {"two dots", "[[table]]\nname = \"a.b.c\"\n", 2, "table a.b.c", "not of the form", "back-ticks"},
      {"empty part", "[[table]]\nname = \"a.\"\n", 2, "table a.", "is empty"},
      {"open back-tick", "[[table]]\nname = \"`a.b\"\n", 2, "table `a.b", "not closed"},
      {"inner back-tick", "[[table]]\nname = \"a`.b\"\n", 2, "table a`.b", "inside a name"},
      {"text behind back-ticks", "[[table]]\nname = \"`a`x.b\"\n", 2, "table `a`x.b", "not of the form"},
      {"long name", "[[table]]\nname = \"a." + std::string(65, 'x') + "\"\n", 2, nullptr, "longer than 64"},
      {"control character", "[[table]]\nname = \"a.b\\u0007\"\n", 2, "table a.b?", "control character"},
      {"trailing space", "[[table]]\nname = \"a.b \"\n", 2, "table a.b ", "ends with a space"},
      {"unknown table key", "[[table]]\nname = \"a.b\"\ncolumn_defualt = \"keep\"\n", 3, "table a.b", "unknown key",
       "did you mean column_default?"},
      {"optional no boolean", "[[table]]\nname = \"a.b\"\noptional = \"yes\"\n", 3, "table a.b",
       "neither true nor false"},
      {"wrong column default", "[[table]]\nname = \"a.b\"\ncolumn_default = \"pass\"\n", 3, "table a.b",
       "no such setting"},
      {"columns no table", "[[table]]\nname = \"a.b\"\ncolumns = \"keep\"\n", 3, "table a.b", "is no table"},
      {"unknown action", table("a = \"kep\"\n"), 4, "table shop.t, column a", "no known action", "did you mean keep?"},
      {"action in capitals", table("a = \"Drop\"\n"), 4, "table shop.t, column a", "no known action",
       "did you mean drop?"},
      {"action is number", table("a = 1\n"), 4, "table shop.t, column a", "is no action"},
      {"json without paths", table("a = \"json\"\n"), 4, "table shop.t, column a", "json has no keep and no remove",
       "keep = ["},
      {"json with both", table("a = { action = \"json\", keep = [\"$.a\"], remove = [\"$.b\"] }\n"), 4,
       "table shop.t, column a", "keep and remove stand with the same action"},
      {"json with no path", table("a = { action = \"json\", keep = [] }\n"), 4, "table shop.t, column a",
       "no list of JSON paths"},
      {"json with a path that is no text", table("a = { action = \"json\", remove = [\"$.a\", 1] }\n"), 4,
       "table shop.t, column a", "no list of JSON paths"},
      {"json with the same path twice", table("a = { action = \"json\", keep = [\"$.a\", '$.\"a\"'] }\n"), 4,
       "table shop.t, column a", "part of what another one"},
      {"json with a path inside another", table("a = { action = \"json\", keep = [\"$.a.b[1]\", \"$.a.*\"] }\n"), 4,
       "table shop.t, column a", "part of what another one"},
      {"json path of everything", table("a = { action = \"json\", remove = [\"$\"] }\n"), 4, "table shop.t, column a",
       "the whole document", "keep, null or drop"},
      {"json path without $", table("a = { action = \"json\", remove = [\"a.b\"] }\n"), 4, "table shop.t, column a",
       "does not begin with $", "write it as the servers do"},
      {"json range", table("a = { action = \"json\", remove = [\"$[1 to 3]\"] }\n"), 4, "table shop.t, column a",
       "neither a number nor *", "ranges"},
      {"json last", table("a = { action = \"json\", remove = [\"$[last]\"] }\n"), 4, "table shop.t, column a",
       "neither a number nor *", "last"},
      {"json path that ends too soon", table("a = { action = \"json\", remove = [\"$.\"] }\n"), 4,
       "table shop.t, column a", "a member's name in a JSON path is none"},
      {"json path with an open quote", table("a = { action = \"json\", remove = ['$.\"a'] }\n"), 4,
       "table shop.t, column a", "a member's name in a JSON path is none"},
      {"json path with a name that needs quotes", table("a = { action = \"json\", remove = [\"$.a-b\"] }\n"), 4,
       "table shop.t, column a", "signs that belong to no part"},
      {"json ** in keep", table("a = { action = \"json\", keep = [\"$**.a\"] }\n"), 4, "table shop.t, column a",
       "** in `keep`", "write the paths out"},
      {"json ** without member", table("a = { action = \"json\", remove = [\"$**[0]\"] }\n"), 4,
       "table shop.t, column a", "** in a JSON path does not stand before a member"},
      {"json with an option of another", table("a = { action = \"json\", keep = [\"$.a\"], with = \"x\" }\n"), 4,
       "table shop.t, column a", "unknown key with"},
      {"patterns that are no list", table("a = { action = \"redact\", patterns = \"email\" }\n"), 4,
       "table shop.t, column a", "no list of texts", "patterns = "},
      {"pattern that is no text", table("a = { action = \"redact\", patterns = [\"email\", 1] }\n"), 4,
       "table shop.t, column a", "no list of texts"},
      {"no pattern", table("a = { action = \"redact\", patterns = [] }\n"), 4, "table shop.t, column a",
       "no list of texts"},
      {"hash without key", table("a = \"hash\"\n"), 4, "table shop.t, column a", "hash has no key", "key = "},
      {"digits without key", table("a = { action = \"digits\" }\n"), 4, "table shop.t, column a", "digits has no key"},
      {"email without key", table("a = \"email\"\n"), 4, "table shop.t, column a", "email has no key"},
      {"encoding that is none",
       "[keys]\nk = { env = \"K\" }\n" + table("a = { action = \"hash\", key = \"k\", encoding = \"octal\" }\n"), 6,
       "table shop.t, column a", "encoding has no such setting", "base32, hex, base64url, digits"},
      {"key with a name that may be a key", "[keys]\n" + std::string(32, 'x') + " = { env = \"K\" }\n", 2, "keys",
       "32 bytes or more", "a shorter name"},
      {"key that is not there", table("a = { action = \"hash\", key = \"person\" }\n"), 4, "table shop.t, column a",
       "no [keys] has", "file = "},
      {"truncate without length", table("a = \"truncate\"\n"), 4, "table shop.t, column a", "truncate has no length"},
      {"date without part", table("a = \"date\"\n"), 4, "table shop.t, column a", "date has no to"},
      {"date to an hour", table("a = { action = \"date\", to = \"hour\" }\n"), 4, "table shop.t, column a",
       "no such setting", "\"year\""},
      {"round to a text", table("a = { action = \"round\", to = \"10\" }\n"), 4, "table shop.t, column a",
       "to is no number"},
      {"negative count", table("a = { action = \"mask\", keep_last = -1 }\n"), 4, "table shop.t, column a",
       "no number from 0"},
      {"long prefix", table("a = { action = \"ip\", prefix4 = 33 }\n"), 4, "table shop.t, column a", "from 0 to 32"},
      {"option of another action", table("a = { action = \"mask\", length = 3 }\n"), 4, "table shop.t, column a",
       "unknown key length"},
      {"no action", table("a = { value = 1 }\n"), 4, "table shop.t, column a", "names no action"},
      {"dotted column", table("a.b = \"keep\"\n"), 4, "table shop.t, column a", "names no action", "stands in quotes"},
      {"action of wrong type", table("a = { action = 1 }\n"), 4, "table shop.t, column a", "names no action"},
      {"unknown option", table("a = { action = \"keep\", optinal = true }\n"), 4, "table shop.t, column a",
       "unknown key", "did you mean optional?"},
      {"short constant", table("a = \"constant\"\n"), 4, "table shop.t, column a", "constant has no value"},
      {"constant without value", table("a = { action = \"constant\" }\n"), 4, "table shop.t, column a", "has no value"},
      {"constant of a list", table("a = { action = \"constant\", value = [1] }\n"), 4, "table shop.t, column a",
       "no text, number or boolean"},
      {"constant of a date", table("a = { action = \"constant\", value = 2001-02-03 }\n"), 4, "table shop.t, column a",
       "no text, number or boolean", "in quotes"},
      {"value without constant", table("a = { action = \"null\", value = 1 }\n"), 4, "table shop.t, column a",
       "takes none"},
      {"column twice", table("a = \"keep\"\nA = \"drop\"\n"), 4, "table shop.t, column a", "named twice"},
      {"column with wildcard", table("\"a*\" = \"keep\"\n"), 4, "table shop.t, column a*", "wildcard"},
      {"column without name", table("\"\" = \"keep\"\n"), 4, "table shop.t, column ", "is empty"},
      {"table twice", "[[table]]\nname = \"a.b\"\n[[table]]\nname = \"`a`.b\"\n", 3, "table a.b", "a second time",
       "one [[table]]"},
      {"tie of patterns", "[[table]]\nname = \"a.x*\"\n[[table]]\nname = \"a.*y\"\n", 3, "table a.*y", "as exact as",
       "more exact"},
      {"tie of databases", "[[table]]\nname = \"a?.t\"\n[[table]]\nname = \"?b.t\"\n", 3, "table ?b.t", "as exact as"},
  };
  return all;
}

TEST_CASE("rule_file: each mistake is told once, with its line, key and remedy", "[scrub_rules]") {
  for (const Mistake& mistake : mistakes()) {
    base::Problems problems;
    static_cast<void>(RuleSet::parse(mistake.text, "rules.toml", problems));
    INFO(mistake.name << "\n" << lines_of(problems));
    REQUIRE(problems.size() == 1);
    const base::Problem& problem = problems.front();
    CHECK(problem.severity == base::Problem::Severity::error);
    CHECK(problem.file == "rules.toml");
    CHECK(problem.line == mistake.line);
    if (mistake.key != nullptr) CHECK(problem.key == mistake.key);
    CHECK_THAT(problem.what, Catch::Contains(mistake.what));
    CHECK_THAT(problem.remedy, Catch::Contains(mistake.remedy));
    CHECK_FALSE(problem.remedy.empty());
  }
}

TEST_CASE("rule_file: all mistakes of a file are told at once", "[scrub_rules]") {
  std::string text;
  std::size_t count = 0;
  for (const Mistake& mistake : mistakes()) {
    if (!mistake.text.starts_with("[[table]]\nname = \"shop.t\"")) continue;
    std::string other = mistake.text;
    other.replace(other.find("shop.t"), 6, "shop.t" + std::to_string(count++));
    text += other;
  }
  base::Problems problems;
  static_cast<void>(RuleSet::parse(text, "rules.toml", problems));
  CHECK(count > 15);
  CHECK(problems.size() == count);
}

TEST_CASE("rule_file: tables without a name are no rules, and so no second ones of a name", "[scrub_rules]") {
  base::Problems problems;
  const RuleSet rules = RuleSet::parse("[[table]]\n[[table]]\n[[table]]\nname = 1\n", "rules.toml", problems);
  CHECK(problems.size() == 3);
  CHECK(rules.tables().empty());
}

TEST_CASE("rule_file: no problem repeats a value", "[scrub_rules]") {
  const std::array<std::string, 10> texts = {
      table("a = { action = \"constant\", valeu = \"CANARY\" }\n"),
      table("a = \"CANARY\"\n"),
      table("a = { action = \"CANARY\" }\n"),
      table("a = { action = \"null\", value = \"CANARY\" }\n"),
      table("a = { action = \"constant\", value = [\"CANARY\"] }\n"),
      table("a = { action = \"constant\", value = CANARY }\n"),
      table("a = { action = \"constant\", value = \"CANARY }\n"),
      table("a = { action = \"constant\", value = 99999999999999991234567 }\n"),
      table("a = { action = \"constant\", value = 'CANARY' 'x' }\n"),
      "[keys]\nk = { file = [\"CANARY\"], env = { x = \"CANARY\" } }\n",
  };
  for (const std::string& text : texts) {
    base::Problems problems;
    static_cast<void>(RuleSet::parse(text, "rules.toml", problems));
    INFO(text << lines_of(problems));
    CHECK(base::has_errors(problems));
    CHECK(lines_of(problems).find("CANARY") == std::string::npos);
    CHECK(lines_of(problems).find("1234567") == std::string::npos);
  }
}

TEST_CASE("rule_file: patterns that tie in theory but share no name are no mistake", "[scrub_rules]") {
  parsed(
      "[[table]]\nname = \"a.x*\"\n[[table]]\nname = \"b.x*\"\n[[table]]\nname = \"a.y*\"\n[[table]]\nname = "
      "\"a.*\"\n");
  parsed("[[table]]\nname = \"a.T\"\n[[table]]\nname = \"a.t\"\n");
}

TEST_CASE("rule_file: hostile text gives problems, never a crash", "[scrub_rules]") {
  std::mt19937 random(7);
  const std::string good = kEverything;
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 9);
          break;
        case 2:
          text.insert(at, 1, "\"'[]{}=.\n#\0\xff"[random() % 12]);
          break;
        default:
          text.resize(at + 1);
          break;
      }
    }
    base::Problems problems;
    const RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
    static_cast<void>(rules.digest());
  }
  base::Problems problems;
  static_cast<void>(RuleSet::parse("a = " + std::string(100000, '['), "rules.toml", problems));
  CHECK(problems.size() == 1);
  problems.clear();
  std::string parts;
  for (int i = 0; i < 40'000; ++i) parts += "a.";
  static_cast<void>(RuleSet::parse(parts + "a = 1", "rules.toml", problems));
  CHECK(problems.size() == 1);
}

}  // namespace
}  // namespace relay::scrub_rules
