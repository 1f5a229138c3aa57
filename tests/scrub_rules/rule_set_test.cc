#include "scrub_rules/rule_set.h"

#include <array>
#include <catch2/catch.hpp>

#include "scrub_rules/name_pattern.h"

namespace relay::scrub_rules {
namespace {

RuleSet rules_for(const std::vector<std::string>& names, const std::string& head = "") {
  std::string text = head;
  for (const std::string& name : names) text += "[[table]]\nname = \"" + name + "\"\ncolumn_default = \"keep\"\n";
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
  return rules;
}

std::string found(const RuleSet& rules, const std::string& database, const std::string& table, bool fold_case = false) {
  const TableRule* rule = rules.find(database, table, fold_case);
  return rule == nullptr ? "none" : rule->name();
}

TEST_CASE("rule_set: the most exact name wins", "[scrub_rules]") {
  const RuleSet rules =
      rules_for({"*.*", "shop.*", "*.customers", "shop.cust*", "shop.customers", "shop.customer?", "sho?.*"});
  struct Case {
    const char* database;
    const char* table;
    const char* rule;
  };
  constexpr std::array<Case, 9> kCases = {{
      {"shop", "customers", "shop.customers"},  // no wildcard beats all
      {"shop", "customerx", "shop.customer?"},  // one wildcard each: more letters win
      {"shop", "custody", "shop.cust*"},
      {"shop", "orders", "shop.*"},
      {"crm", "customers", "*.customers"},
      {"crm", "orders", "*.*"},
      {"shox", "orders", "sho?.*"},
      {"shox", "customers", "*.customers"},  // one wildcard beats two
      {"shop", "customer", "shop.cust*"},    // ? wants one character
  }};
  for (const Case& expected : kCases) CHECK(found(rules, expected.database, expected.table) == expected.rule);
}

TEST_CASE("rule_set: a question mark stands for one character, whatever its bytes", "[scrub_rules]") {
  const RuleSet rules = rules_for({"db.t?"});
  CHECK(found(rules, "db", "tå") == "db.t?");
  CHECK(found(rules, "db", "t😀") == "db.t?");
  CHECK(found(rules, "db", "tåå") == "none");
  CHECK(found(rules, "db", "t") == "none");
}

TEST_CASE("rule_set: capitals count unless the source folds them", "[scrub_rules]") {
  const RuleSet rules = rules_for({"Shop.Kunder", "shop.pri*", "shop.ÆRLIG"});
  CHECK(found(rules, "Shop", "Kunder") == "Shop.Kunder");
  CHECK(found(rules, "shop", "kunder") == "none");
  CHECK(found(rules, "shop", "kunder", true) == "Shop.Kunder");
  CHECK(found(rules, "SHOP", "PRISER") == "none");
  CHECK(found(rules, "SHOP", "PRISER", true) == "shop.pri*");
  CHECK(found(rules, "shop", "ærlig", true) == "shop.ÆRLIG");
  CHECK(found(rules, "shop", "ærlig") == "none");
}

TEST_CASE("rule_set: names that differ in case alone are two tables or an ambiguity", "[scrub_rules]") {
  const RuleSet rules = rules_for({"shop.T", "shop.t"});
  CHECK(found(rules, "shop", "T") == "shop.T");
  CHECK(found(rules, "shop", "t") == "shop.t");
  CHECK_FALSE(rules.ambiguous("shop", "t", false));
  CHECK(rules.ambiguous("shop", "t", true));
  CHECK_FALSE(rules.ambiguous("shop", "x", true));
}

TEST_CASE("rule_set: no wildcard reaches the servers' own schemas", "[scrub_rules]") {
  const RuleSet rules = rules_for({"*.*", "my*.user", "sys.*", "mysql.time_zone"}, "[defaults]\ntable = \"pass\"\n");
  for (const char* schema : {"mysql", "sys", "information_schema", "performance_schema", "INFORMATION_SCHEMA"}) {
    CHECK(found(rules, schema, "user") == "none");
    CHECK_FALSE(rules.table_leaves(schema, "user", false));
  }
  CHECK(found(rules, "mysql", "time_zone") == "mysql.time_zone");
  CHECK(rules.table_leaves("mysql", "time_zone", false));
  CHECK(rules.database_leaves("mysql", false));
  CHECK_FALSE(rules.database_leaves("sys", false));
  CHECK(found(rules, "mysqlx", "user") == "my*.user");
}

TEST_CASE("rule_set: a table leaves when a rule or the default says so", "[scrub_rules]") {
  base::Problems problems;
  const RuleSet rules = RuleSet::parse(
      "[[table]]\nname = \"shop.*\"\ncolumns = { id = \"keep\" }\n"
      "[[table]]\nname = \"shop.secrets\"\n"
      "[[table]]\nname = \"shop.drops\"\ncolumns = { id = \"drop\" }\n"
      "[[table]]\nname = \"shop.halts\"\ncolumn_default = \"halt\"\n"
      "[[table]]\nname = \"shop.nulls\"\ncolumns = { id = \"null\" }\n"
      "[[table]]\nname = \"hidden.all\"\n",
      "rules.toml", problems);
  REQUIRE(problems.empty());
  CHECK(rules.table_leaves("shop", "orders", false));
  CHECK_FALSE(rules.table_leaves("shop", "secrets", false));
  CHECK_FALSE(rules.table_leaves("shop", "drops", false));
  CHECK(rules.table_leaves("shop", "halts", false));
  CHECK(rules.table_leaves("shop", "nulls", false));
  CHECK_FALSE(rules.table_leaves("crm", "orders", false));
  CHECK(rules.database_leaves("shop", false));
  CHECK_FALSE(rules.database_leaves("SHOP", false));
  CHECK(rules.database_leaves("SHOP", true));
  CHECK_FALSE(rules.database_leaves("hidden", false));
  CHECK_FALSE(rules.database_leaves("crm", false));
}

TEST_CASE("rule_set: under table = pass every other table leaves", "[scrub_rules]") {
  const RuleSet rules = rules_for({}, "[defaults]\ntable = \"pass\"\n");
  CHECK(rules.table_leaves("any", "thing", false));
  CHECK(rules.database_leaves("any", false));
  CHECK_FALSE(rules.database_leaves("performance_schema", false));
}

std::string digest_of(const std::string& text) {
  base::Problems problems;
  const RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  CHECK(problems.empty());
  return rules.digest();
}

TEST_CASE("rule_set: the digest follows the meaning and nothing else", "[scrub_rules]") {
  const std::string base =
      digest_of("[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" }\n[[table]]\nname = \"a.c\"\n");
  CHECK(base.size() == 64);
  CHECK(base.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(
      base ==
      digest_of("# again\n\n[[table]]\nname = \"`a`.c\"\noptional = true\n[[table]]\ncolumn_default = \"drop\"\nname = "
                "\"a.b\"\n[table.columns]\nY = \"drop\"\nx = { action = \"keep\" }\n"));
  const std::array<std::string, 7> others = {
      "[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"null\" }\n[[table]]\nname = \"a.c\"\n",
      "[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\" }\n[[table]]\nname = \"a.c\"\n",
      "[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" }\n",
      "[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" }\n[[table]]\nname = \"a.C\"\n",
      "[defaults]\ntable = \"pass\"\n[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" "
      "}\n[[table]]\nname = \"a.c\"\n",
      "[defaults]\ncolumn = \"keep\"\n[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" "
      "}\n[[table]]\nname = \"a.c\"\n",
      "[[table]]\nname = \"a.b\"\ncolumns = { x = \"keep\", y = \"drop\" }\n[[table]]\nname = \"a.c\"\ncolumn_default "
      "= \"keep\"\n",
  };
  for (const std::string& other : others) CHECK(base != digest_of(other));
  const auto constant = [](const std::string& value) {
    return digest_of("[[table]]\nname = \"a.b\"\ncolumns = { x = { action = \"constant\", value = \"" + value +
                     "\" } }\n");
  };
  CHECK(constant("1") != constant("2"));
  CHECK(constant("1") == constant("1"));
}

// Every text up to four letters of {a, b} is tried, which is more than the patterns need.
TEST_CASE("rule_set: patterns overlap exactly when some name fits both", "[scrub_rules]") {
  const std::array<const char*, 14> patterns = {"",   "*",   "?",  "a",   "a*", "*a",  "?b",
                                                "a?", "*b*", "ab", "a*b", "??", "b*a", "*?*"};
  std::vector<std::string> names = {""};
  for (std::size_t i = 0; names[i].size() < 4; ++i) {
    names.push_back(names[i] + "a");
    names.push_back(names[i] + "b");
  }
  for (const char* a : patterns) {
    for (const char* b : patterns) {
      bool both = false;
      for (const std::string& name : names)
        both = both || (name_matches(a, name, false) && name_matches(b, name, false));
      INFO(a << " and " << b);
      CHECK(patterns_overlap(a, b, false) == both);
    }
  }
  CHECK_FALSE(patterns_overlap("A*", "a*", false));
  CHECK(patterns_overlap("A*", "a*", true));
}

}  // namespace
}  // namespace relay::scrub_rules
