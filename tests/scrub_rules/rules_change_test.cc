#include "scrub_rules/rules_change.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::scrub_rules {
namespace {

using Names = std::vector<sql::TableName>;

RuleSet rules_of(const std::string& text) {
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) INFO(base::problem_line(problem));
  REQUIRE_FALSE(base::has_errors(problems));
  return rules;
}

sql::TableDefinition table(std::string name, const std::vector<std::string>& columns) {
  sql::TableDefinition definition;
  definition.database = "shop";
  definition.table = std::move(name);
  for (const std::string& column : columns) {
    sql::ColumnDefinition& added = definition.columns.emplace_back();
    added.name = column;
    added.type = "int";
  }
  return definition;
}

const std::string kRules = R"(
[[table]]
name = "shop.customers"
[table.columns]
id = "keep"
country = "keep"
notes = "null"
[[table]]
name = "shop.orders"
column_default = "keep"
)";

class Shop {
 public:
  Shop() {
    REQUIRE(files_.create_directory("spool"));
    auto opened = SchemaHistory::open(files_, "spool/history", {9, 9}, false);
    REQUIRE(opened);
    history = std::move(*opened);
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("customers", {"id", "country", "notes", "ssn"}));
    tables.push_back(table("orders", {"id", "customer"}));
    REQUIRE(history->set_baseline({}, std::move(tables), {}));
  }
  RulesComparison compare(const std::string& after, const Names& source = {},
                          const std::vector<std::string>& databases = {}) const {
    return compare_rules(rules_of(kRules), rules_of(after), *history, databases, source, false);
  }
  std::unique_ptr<SchemaHistory> history;

 private:
  relay::testing::FaultyFileSystem files_;
};

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kRules;
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST_CASE("rules_change: the same plans under other words are accepted", "[scrub_rules]") {
  const Shop shop;
  CHECK(shop.compare(kRules).refusals.empty());
  CHECK(shop.compare(kRules + "\n[defaults]\ncolumn = \"drop\"\n").refusals.empty());
  CHECK(shop.compare(replaced("notes = \"null\"", "notes = \"null\"\nssn = \"drop\"")).refusals.empty());
  // Only columns to come are treated otherwise.
  CHECK(shop.compare(replaced("notes = \"null\"",
                              "notes = \"null\"\nssn = \"drop\"\nfuture = { action = \"keep\", optional = true }"))
            .refusals.empty());
}

TEST_CASE("rules_change: a column whose values would be treated otherwise is refused by name", "[scrub_rules]") {
  const Shop shop;
  for (const std::string to :
       {"country = \"null\"", "country = \"drop\"", "country = { action = \"constant\", value = 1 }"}) {
    const auto refusals = shop.compare(replaced("country = \"keep\"", to)).refusals;
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].find("shop.customers, column country") == 0);
  }
  const auto refusals = shop.compare(replaced("notes = \"null\"", "notes = \"null\"\nssn = \"keep\"")).refusals;
  REQUIRE(refusals.size() == 1);
  CHECK(refusals[0].find("column ssn") != std::string::npos);
}

TEST_CASE("rules_change: a table may cease to leave", "[scrub_rules]") {
  const Shop shop;
  const auto comparison = shop.compare(replaced("column_default = \"keep\"", "column_default = \"drop\""));
  CHECK(comparison.refusals.empty());
  CHECK(comparison.no_longer_leaving == Names{{"shop", "orders"}});
}

// A rule file that is gone, or was read when it was half written, must not make replicas useless for ever.
TEST_CASE("rules_change: a table that no rule names any more is not let go", "[scrub_rules]") {
  const Shop shop;
  for (const auto& [left, refused] :
       {std::pair{std::string(), 2U}, {kRules.substr(0, kRules.rfind("[[table]]")), 1U}}) {
    const auto comparison = shop.compare(left);
    REQUIRE(comparison.refusals.size() == refused);
    CHECK(comparison.refusals.back().find("shop.orders: no rule names") == 0);
    CHECK(comparison.no_longer_leaving.empty());
  }
  const RuleSet pass = rules_of("[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n");
  CHECK(
      compare_rules(pass, rules_of("[defaults]\ncolumn = \"keep\"\n"), *shop.history, {}, {}, false).refusals.size() ==
      2);
  // Said of all at once.
  const auto comparison = shop.compare("[[table]]\nname = \"shop.*\"\ncolumn_default = \"drop\"\n");
  CHECK(comparison.refusals.empty());
  CHECK(comparison.no_longer_leaving.size() == 2);
}

TEST_CASE("rules_change: a table or database that would begin to leave is refused, one that does not exist is not",
          "[scrub_rules]") {
  const Shop shop;
  const std::string more = kRules +
                           "\n[[table]]\nname = \"shop.secrets\"\ncolumn_default = \"keep\"\n"
                           "[[table]]\nname = \"vault.*\"\ncolumn_default = \"keep\"\n";
  CHECK(shop.compare(more).refusals.empty());
  const auto refusals =
      shop.compare(more, {{"shop", "secrets"}, {"vault", "a"}, {"vault", "b"}, {"shop", "orders"}}).refusals;
  REQUIRE(refusals.size() == 2);
  CHECK(refusals[0].find("shop.secrets") == 0);
  CHECK(refusals[1].find("vault:") == 0);
  const auto empty = shop.compare(more, {}, {"shop", "vault", "other"}).refusals;
  REQUIRE(empty.size() == 1);
  CHECK(empty[0].find("vault:") == 0);
}

TEST_CASE("rules_change: a table that was let go may not come back", "[scrub_rules]") {
  const Shop shop;
  const RuleSet without = rules_of(replaced("column_default = \"keep\"", "column_default = \"drop\""));
  const auto comparison = compare_rules(without, rules_of(kRules), *shop.history, {}, {}, false);
  REQUIRE(comparison.refusals.size() == 1);
  CHECK(comparison.refusals[0].find("shop.orders") == 0);
}

TEST_CASE("rules_change: a table bound by a foreign key to one that goes on leaving is not let go", "[scrub_rules]") {
  Shop shop;
  auto orders = table("orders", {"id", "customer"});
  orders.foreign_keys.push_back({"fk", {"customer"}, "", "customers", {"id"}, "", "", {}});
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", "orders"}, std::make_unique<sql::TableDefinition>(orders)});
  shop.history->stage(std::move(changes));
  SECTION("the child") {
    const auto refusals = shop.compare(replaced("column_default = \"keep\"", "column_default = \"drop\"")).refusals;
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].find("shop.orders") == 0);
  }
  SECTION("the parent") {
    const auto refusals = shop.compare(
                                  "[[table]]\nname = \"shop.orders\"\ncolumn_default = \"keep\"\n"
                                  "[[table]]\nname = \"shop.customers\"\ncolumn_default = \"drop\"\n")
                              .refusals;
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].find("shop.customers") == 0);
  }
  SECTION("both") { CHECK(shop.compare("[[table]]\nname = \"shop.*\"\ncolumn_default = \"drop\"\n").refusals.empty()); }
}

TEST_CASE("rules_change: a column that the old rules stopped at may get any fate", "[scrub_rules]") {
  const Shop shop;
  const std::string halts =
      "[[table]]\nname = \"shop.orders\"\ncolumn_default = \"halt\"\n[table.columns]\nid = \"keep\"\n";
  CHECK(compare_rules(rules_of(halts), rules_of(halts + "customer = \"drop\"\n"), *shop.history, {}, {}, false)
            .refusals.empty());
  CHECK(compare_rules(rules_of(halts), rules_of(halts + "customer = \"keep\"\n"), *shop.history, {}, {}, false)
            .refusals.empty());
  const std::string other = "[[table]]\nname = \"shop.orders\"\n[table.columns]\nid = \"null\"\ncustomer = \"keep\"\n";
  CHECK(compare_rules(rules_of(halts), rules_of(other), *shop.history, {}, {}, false).refusals.size() == 1);
}

}  // namespace
}  // namespace relay::scrub_rules
