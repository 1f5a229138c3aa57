#include "scrub_rules/key_origins.h"

#include "scrub_rules/egress_expectations.h"
#include "scrub_rules/table_rules.h"
#include "tests/scrub_rules/kept_stream.h"

namespace relay::scrub_rules::testing {
namespace {

using binlog::Flavor;

const std::string kChain = R"([[table]]
name = "d.*"
column_default = "keep"
[[table]]
name = "d.parent"
column_default = "keep"
[table.columns]
ssn = "drop"
)";

const std::string kParent = "CREATE TABLE parent (id INT PRIMARY KEY, ssn INT UNIQUE)";
const std::string kChild =
    "CREATE TABLE child (id INT PRIMARY KEY, ssn INT UNIQUE, FOREIGN KEY f (ssn) REFERENCES parent (ssn))";
const std::string kGrandchild =
    "CREATE TABLE grandchild (id INT PRIMARY KEY, number INT, FOREIGN KEY f (number) REFERENCES child (ssn))";

struct ChainStream : StreamTester {
  explicit ChainStream(const std::string& rules = kChain) : StreamTester(rules, Flavor::mysql) { start_like(kMysql); }
  // The statement as it leaves; the error's text when the stream stops.
  std::string statement(const std::string& text) {
    clear_written();
    if (const auto error = feed({make_gtid(), make_query(text)})) return "halt: " + error->message();
    return statement_of(written().back());
  }
  // "id:keep ssn:drop" of a table of the history.
  [[nodiscard]] std::string fates(const std::string& table) {
    const sql::TableDefinition* known = history().find({"d", table});
    REQUIRE(known != nullptr);
    const auto plans = column_plans(RuleView(rules(), false), *known);
    REQUIRE(plans);
    std::string text;
    for (std::size_t i = 0; i < plans->size(); ++i) {
      text += (text.empty() ? "" : " ") + known->columns[i].name +
              ((*plans)[i].action.kind == ActionKind::keep ? ":keep" : ":drop");
    }
    return text;
  }
};

bool names(const std::string& statement, const std::string& column) {
  return statement.find("`" + column + "`") != std::string::npos;
}

TEST_CASE("key_origins: a value does not leave in tables that refer to it through others", "[scrub_rules]") {
  ChainStream stream;
  CHECK_FALSE(names(stream.statement(kParent), "ssn"));
  CHECK_FALSE(names(stream.statement(kChild), "ssn"));
  const std::string created = stream.statement(kGrandchild);
  CHECK(created.starts_with("CREATE TABLE"));
  CHECK_FALSE(names(created, "number"));
  CHECK(stream.fates("grandchild") == "id:keep number:drop");
  const std::string fourth = stream.statement(
      "CREATE TABLE fourth (id INT PRIMARY KEY, n INT, FOREIGN KEY f (n) REFERENCES grandchild (number))");
  CHECK_FALSE(names(fourth, "n"));
  INFO("the egress check finds the same by itself");
  const EgressExpectations expectations(stream.rules(), stream.history(), Flavor::mysql, false);
  proof::WrittenMap map;
  map.database = "d";
  map.table = "grandchild";
  const auto expected = expectations.table(map);
  REQUIRE((expected && *expected));
  REQUIRE((*expected)->columns.size() == 1);
  CHECK((*expected)->columns[0].name == "id");
}

TEST_CASE("key_origins: hold on when a table in between is gone, and across a restart", "[scrub_rules]") {
  ChainStream stream;
  for (const std::string& each : {kParent, kChild, kGrandchild, std::string("DROP TABLE child")})
    stream.statement(each);
  CHECK(stream.fates("grandchild") == "id:keep number:drop");
  CHECK_FALSE(names(stream.statement("ALTER TABLE grandchild ADD note INT"), "number"));
  CHECK(stream.fates("grandchild") == "id:keep number:drop note:keep");
  INFO("without its own key nothing ties the column to the value any more, and the replica does not have it");
  CHECK(stream.statement("ALTER TABLE grandchild DROP FOREIGN KEY f").starts_with("halt"));
}

TEST_CASE("key_origins: what a referenced column is computed from counts", "[scrub_rules]") {
  ChainStream stream;
  stream.statement("CREATE TABLE parent (id INT PRIMARY KEY, ssn INT, twice INT AS (ssn * 2) STORED UNIQUE)");
  CHECK_FALSE(names(
      stream.statement("CREATE TABLE child (id INT PRIMARY KEY, t INT, FOREIGN KEY f (t) REFERENCES parent (twice))"),
      "t"));
}

TEST_CASE("key_origins: a foreign key that shows another table's column to be a copy halts the stream",
          "[scrub_rules]") {
  ChainStream stream;
  stream.statement(kParent);
  stream.statement("CREATE TABLE child (id INT PRIMARY KEY, ssn INT UNIQUE)");
  CHECK(names(stream.statement(kGrandchild), "number"));
  const std::string halted = stream.statement("ALTER TABLE child ADD FOREIGN KEY f (ssn) REFERENCES parent (ssn)");
  CHECK(halted.starts_with("halt"));
  CHECK(halted.find("d.grandchild.") != std::string::npos);
  for (const bool drops_key : {false, true}) {
    INFO("a rule that says what is to become of it leaves the replica's foreign key to a column that goes");
    ChainStream named(
        kChain + "[[table]]\nname = \"d.grandchild\"\ncolumn_default = \"keep\"\n[table.columns]\nnumber = \"keep\"\n");
    named.statement(kParent);
    named.statement("CREATE TABLE child (id INT PRIMARY KEY, ssn INT UNIQUE)");
    CHECK(names(named.statement(kGrandchild), "number"));
    if (drops_key) named.statement("ALTER TABLE grandchild DROP FOREIGN KEY f");
    CHECK(named.statement("ALTER TABLE child ADD FOREIGN KEY f (ssn) REFERENCES parent (ssn)")
              .starts_with(drops_key ? "ALTER TABLE" : "halt"));
  }
}

TEST_CASE("key_origins: tables that refer to themselves and to each other are followed once", "[scrub_rules]") {
  const auto table = [](const std::string& name, const std::string& parent) {
    sql::TableDefinition made;
    made.database = "d";
    made.table = name;
    for (const char* column : {"id", "ssn"}) made.columns.emplace_back().name = column;
    sql::ForeignKeyDefinition& key = made.foreign_keys.emplace_back();
    key.columns = {"ssn"};
    key.referenced_table = parent;
    key.referenced_columns = {"ssn"};
    return made;
  };
  std::vector<sql::TableDefinition> tables = {table("a", "b"), table("b", "C"), table("c", "a"), table("self", "self")};
  resolve_key_origins(tables, true);
  CHECK(tables[0].foreign_keys[0].origins->size() == 2);
  CHECK(tables[3].foreign_keys[0].origins->empty());
  tables[0].foreign_keys[0].origins.reset();
  resolve_key_origins(tables, false);
  CHECK(tables[0].foreign_keys[0].origins->size() == 2);  // b's key still says what it once found
}

}  // namespace
}  // namespace relay::scrub_rules::testing
