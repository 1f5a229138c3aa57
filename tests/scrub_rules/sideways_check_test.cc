#include "scrub_rules/sideways_check.h"

#include <catch2/catch.hpp>

#include "tests/scrub_rules/stream_tester.h"

namespace relay::scrub_rules::testing {
namespace {

using Severity = base::Problem::Severity;
using binlog::EventType;
using binlog::Flavor;

const std::string kRules = R"([[table]]
name = "d.people"
column_default = "keep"
columns = { ssn = "drop", phone = "null" }
[[table]]
name = "d.audit"
column_default = "keep"
columns = { hidden = "drop" }
[[table]]
name = "d.orders"
column_default = "keep"
columns = { owner = "keep" }
[[table]]
name = "d.secret"
column_default = "drop"
)";
const std::vector<std::string> kTables = {
    "CREATE TABLE people (id INT PRIMARY KEY, ssn CHAR(11) NULL, phone VARCHAR(20), country CHAR(2), note TEXT, UNIQUE "
    "(ssn), UNIQUE (phone))",
    "CREATE TABLE audit (id INT PRIMARY KEY, what TEXT, hidden TEXT)",
    "CREATE TABLE secret (id INT PRIMARY KEY, x INT)",
    "CREATE TABLE free (id INT PRIMARY KEY, x INT)",
};

struct Schema : StreamTester {
  Schema() : StreamTester(kRules, Flavor::mysql) {
    start_like("my97-nopk.binlog");
    for (const std::string& table : kTables) REQUIRE_FALSE(run(table));
  }
  std::optional<base::Error> run(const std::string& statement) {
    const PlainEvent gtid =
        make_event(EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
    return feed({gtid, make_query(statement)});
  }
  // "error d.audit what", "warning ..." for each problem, joined.
  std::string problems_of(const std::string& trigger, Knows knows = Knows::tables_so_far) {
    sql::SqlContext context;
    context.default_database = "d";
    context.server_version = 90704;
    const auto statement = sql::read_statement(trigger, context);
    REQUIRE(statement);
    const auto* read = dynamic_cast<const sql::TriggerStatement*>(statement->get());
    REQUIRE(read != nullptr);
    CHECK(read->table.table.empty() == (trigger.find("EACH STATEMENT") != std::string::npos));
    base::Problems problems;
    check_trigger(RuleView(rules(), false), *read, history(), knows, problems);
    std::string text;
    for (const base::Problem& problem : problems) {
      CHECK_FALSE(problem.remedy.empty());
      text += std::string(text.empty() ? "" : "; ") + (problem.severity == Severity::error ? "error " : "warning ") +
              problem.key;
    }
    return text;
  }
};

const std::string kAfter = "CREATE DEFINER=`a`@`%` TRIGGER tr AFTER UPDATE ON people FOR EACH ROW ";

TEST_CASE("sideways: a trigger that copies a value that does not leave is an error", "[scrub_rules]") {
  Schema schema;
  const std::string error = "error table d.audit, column what";
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) VALUES (NEW.id, NEW.ssn)") == error);
  CHECK(schema.problems_of(kAfter + "BEGIN REPLACE d.`audit` SET id = 1, `what` = OLD.`SSN`; END") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE audit SET what = NEW.phone WHERE id = NEW.id") == error);
  CHECK(schema.problems_of(
            kAfter + "INSERT INTO audit (id, what) VALUES (1, 'x') ON DUPLICATE KEY UPDATE what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (NEW.id, NEW.ssn, NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (NEW.id, (NEW.ssn), NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (NEW.id, NEW.ssn COLLATE utf8mb4_bin, NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) SELECT NEW.ssn FROM dual") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SELECT NEW.id, NEW.ssn AS s, 'x' FROM dual WHERE 1") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SELECT DISTINCT 1, OLD.ssn, 2 UNION SELECT 2, 3, 4") == error);
  INFO("tables that are still to come, where the rules let them leave");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders (who) VALUES (NEW.ssn)") == "error table d.orders, column who");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders VALUES (NEW.ssn)") == "error table d.orders");
  INFO("or a view, or gone");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders (who) VALUES (NEW.ssn)", Knows::all_tables) ==
        "warning table d.orders, column who");
  CHECK(schema.problems_of("CREATE TRIGGER tr BEFORE INSERT ON people FOR EACH ROW SET NEW.note = NEW.ssn") ==
        "error table d.people, column note");
}

TEST_CASE("sideways: what a trigger makes of a value, or takes through a variable, is a warning", "[scrub_rules]") {
  Schema schema;
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) VALUES (NEW.id, CONCAT('x', NEW.ssn, f(1, 2)))") ==
        "warning table d.audit, column what");
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (NEW.id, TRIM(NEW.ssn), NULL)") ==
        "warning table d.audit, column what");
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) VALUES (NEW.id, NEW.ssn IS NOT NULL)") ==
        "warning table d.audit, column what");
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (1, 2, 3), (4, NEW.ssn LIKE pattern, 5)") ==
        "warning table d.audit, column what");
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) SELECT x FROM secret WHERE y IN (SELECT NEW.ssn)") ==
        "warning table d.audit");
  CHECK(schema.problems_of(kAfter + "BEGIN SET @v = NEW.ssn; INSERT INTO audit (id, what) VALUES (1, @v); END") ==
        "warning table d.audit");
  CHECK(schema.problems_of(kAfter + "IF NEW.ssn <> OLD.ssn THEN INSERT INTO audit (id) VALUES (1); END IF")
            .starts_with("warning table d.audit"));
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) SELECT x FROM secret WHERE y = NEW.ssn") ==
        "warning table d.audit");
  CHECK(schema.problems_of(
            "CREATE TRIGGER tr AFTER INSERT ON secret FOR EACH ROW INSERT INTO audit (what) VALUES (NEW.x)") ==
        "warning table d.audit, column what");
}

TEST_CASE("sideways: a trigger that takes nothing along is none", "[scrub_rules]") {
  Schema schema;
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what, hidden) VALUES (NEW.id, NEW.country, NEW.ssn)")
            .empty());
  CHECK(schema.problems_of(kAfter + "INSERT INTO free (id, x) VALUES (NEW.id, NEW.ssn)").empty());
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (NEW.id, NEW.country, NEW.ssn)").empty());
  CHECK(schema.problems_of(kAfter + "SET NEW.ssn = TRIM(NEW.ssn)").empty());
  CHECK(
      schema.problems_of("CREATE TRIGGER tr AFTER INSERT ON free FOR EACH ROW UPDATE audit SET what = NEW.x").empty());
  CHECK(schema.problems_of(kAfter + "SET @v = REPLACE(NEW.country, 'a', 'b')").empty());
  INFO("pt-online-schema-change's own");
  CHECK(
      schema
          .problems_of(
              "CREATE TRIGGER `pt_osc_d_people_upd` AFTER UPDATE ON `d`.`people` FOR EACH ROW BEGIN DELETE IGNORE FROM "
              "`d`.`_people_new` WHERE !(OLD.`id` <=> NEW.`id`) AND `d`.`_people_new`.`id` <=> OLD.`id`; REPLACE INTO "
              "`d`.`_people_new` (`id`, `ssn`, `country`) VALUES (NEW.`id`, NEW.`ssn`, NEW.`country`); END")
          .empty());
}

TEST_CASE("sideways: hostile trigger texts come to an end", "[scrub_rules]") {
  Schema schema;
  for (const char* body :
       {"INSERT INTO audit VALUES (NEW.id, audit.group)", "INSERT INTO audit VALUES (where, from x", "", "INSERT",
        "INSERT INTO audit (", "INSERT INTO audit (a) VALUES (", "UPDATE", "UPDATE audit SET", "SET", "SET NEW.",
        "SET a = (((", "INSERT INTO audit SET x =", "REPLACE(", ")))", "NEW.ssn", "INSERT INTO d.",
        "INSERT INTO audit VALUES (NEW.ssn; )", "SET a = b, , = c"}) {
    INFO(body);
    static_cast<void>(schema.problems_of(kAfter + body));
  }
  static_cast<void>(schema.problems_of("CREATE TRIGGER tr AFTER UPDATE ON people FOR EACH STATEMENT SET @a = NEW.ssn"));
}

TEST_CASE("sideways: DDL in the stream that opens a way halts", "[scrub_rules]") {
  const auto halts = [](const std::string& statement) {
    Schema schema;
    REQUIRE_FALSE(schema.run("CREATE TABLE orders (id INT PRIMARY KEY, owner CHAR(11), c CHAR(2))"));
    const auto error = schema.run(statement);
    if (error) CHECK(error->subject().starts_with("table d."));
    return error.has_value();
  };
  CHECK(halts("CREATE TABLE more (id INT PRIMARY KEY)") == false);
  CHECK(halts(kAfter + "INSERT INTO audit (id, what) VALUES (NEW.id, NEW.ssn)"));
  CHECK_FALSE(halts(kAfter + "INSERT INTO audit (id, what) VALUES (NEW.id, CONCAT(NEW.ssn))"));
  CHECK_FALSE(halts("DROP TRIGGER IF EXISTS tr"));
}

}  // namespace
}  // namespace relay::scrub_rules::testing
