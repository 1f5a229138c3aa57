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
name = "d.later"
column_default = "drop"
columns = { id = "keep" }
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
  std::string problems_of(const std::string& trigger, Knows knows = Knows::tables_so_far, bool fold_case = false) {
    sql::SqlContext context;
    context.lower_case_table_names = fold_case;
    context.default_database = "d";
    context.server_version = 90704;
    const auto statement = sql::read_statement(trigger, context);
    REQUIRE(statement);
    const auto* read = dynamic_cast<const sql::TriggerStatement*>(statement->get());
    REQUIRE(read != nullptr);
    CHECK(read->table.table.empty() == (trigger.find("EACH STATEMENT") != std::string::npos));
    base::Problems problems;
    check_trigger(RuleView(rules(), fold_case), *read, history(), knows, problems);
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
  INFO("in its less usual forms");
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) VALUES ROW(1, 'x'), ROW(NEW.id, NEW.ssn)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit PARTITION (p0, p1) VALUES (NEW.id, NEW.ssn, NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (audit.id, d.audit.what) VALUES (NEW.id, NEW.ssn)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (SELECT 1, NEW.ssn, NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) SELECT country FROM people WHERE id = 1 "
                                    "ON DUPLICATE KEY UPDATE audit.what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) VALUES (NEW.country) AS n "
                                    "ON DUPLICATE KEY UPDATE what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE audit AS a SET a.what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE free f JOIN d.audit a USING (id) SET a.what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE (free, audit) SET f = 1, audit.what = NEW.ssn WHERE 1") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE secret, audit SET what = NEW.ssn WHERE audit.id = 1") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE audit JOIN (SELECT 1 AS id) x ON x.id = audit.id SET what = NEW.ssn") ==
        error);
  const std::string before = "CREATE TRIGGER tr BEFORE INSERT ON people FOR EACH ROW ";
  const std::string own = "error table d.people, column note";
  CHECK(schema.problems_of(before + "BEGIN IF EXISTS (SELECT 1 FROM free WHERE id = 1 FOR UPDATE) THEN "
                                    "SET NEW.note = NEW.ssn; END IF; END") == own);
  CHECK(schema.problems_of(kAfter +
                           "IF CAST(NEW.id AS CHAR CHARACTER SET latin1) LIKE '9%' THEN INSERT INTO audit (what) "
                           "VALUES (NEW.ssn); END IF") == error);
  CHECK(schema.problems_of(kAfter + "IF CAST(NEW.id AS CHAR CHARACTER SET latin1) = '9' THEN INSERT INTO audit (what) "
                                    "VALUES (NEW.ssn); END IF") == error);
  CHECK(schema.problems_of(kAfter + "BEGIN WITH audit AS (SELECT 1 AS x) SELECT x INTO @n FROM audit; UPDATE audit SET "
                                    "what = NEW.ssn; END") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE (WITH w AS (SELECT 1) SELECT a, b, c FROM w) q JOIN audit SET audit.what = "
                                    "NEW.ssn") == error);
  CHECK(schema.problems_of(before + "BEGIN :NEW.note := :NEW.ssn; END") == own);
  CHECK(schema.problems_of(before + "BEGIN NEW.note := NEW.ssn; END") == own);
  CHECK(schema.problems_of(before + "SET `NEW`.`note` = `new`.`ssn`") == own);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit VALUES (1, `NEW`.`ssn`, NULL)") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (VALUES ROW(1, NEW.ssn, NULL))") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (VALUES (1, NEW.ssn, NULL))") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, hidden, what) SELECT f.*, NEW.ssn FROM free f") ==
        "error table d.audit");
  CHECK(schema.problems_of(kAfter + "UPDATE {OJ audit LEFT JOIN free ON 1} SET what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SET id = NEW.id ON DUPLICATE KEY UPDATE what = NEW.ssn") ==
        error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SET what = NEW.ssn AS n(a) ON DUPLICATE KEY UPDATE id = 1") ==
        error);
  CHECK(schema.problems_of(
            kAfter + "UPDATE audit PARTITION (p0) AS a JOIN free f ON f.id = a.id SET a.what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) WITH c (a) AS (SELECT 1) SELECT 1, NEW.ssn FROM c") ==
        error);
  CHECK(schema.problems_of(kAfter + "UPDATE audit JOIN free f ON CAST(f.x AS CHAR CHARACTER SET latin1) = audit.what "
                                    "SET audit.what = NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SELECT 1, NEW.ssn, 2 EXCEPT SELECT 2, 'x', 3") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SELECT 1, NEW.ssn AS 'what', 2") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit SELECT 1, NEW.ssn COLLATE utf8mb4_bin AS y, 2") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) SELECT SQL_NO_CACHE NEW.ssn") == error);
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (what) VALUES (:NEW.ssn)") == error);
  CHECK(schema.problems_of(kAfter + "UPDATE audit USE INDEX FOR JOIN (hidden) SET what = NEW.ssn") == error);
  INFO("tables that are still to come, where the rules let them leave");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders (who) VALUES (NEW.ssn)") == "error table d.orders, column who");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders VALUES (NEW.ssn)") == "error table d.orders");
  CHECK(schema.problems_of(kAfter + "INSERT INTO later VALUES (NEW.id, NEW.ssn)") == "error table d.later");
  CHECK(schema.problems_of(kAfter + "INSERT INTO later (id, secret) VALUES (NEW.id, NEW.ssn)").empty());
  INFO("or a view, or gone");
  CHECK(schema.problems_of(kAfter + "INSERT INTO orders (who) VALUES (NEW.ssn)", Knows::all_tables) ==
        "warning table d.orders, column who");
  CHECK(schema.problems_of("CREATE TRIGGER tr BEFORE INSERT ON people FOR EACH ROW SET NEW.note = NEW.ssn") ==
        "error table d.people, column note");
}

TEST_CASE("sideways: a trigger names tables as lower_case_table_names lets it", "[scrub_rules]") {
  Schema schema;
  const std::string insert = kAfter + "INSERT INTO D.Audit (id, what) VALUES (NEW.id, NEW.ssn)";
  CHECK(schema.problems_of(insert).empty());  // another table, which does not leave
  CHECK(schema.problems_of(insert, Knows::tables_so_far, true) == "error table d.audit, column what");
  CHECK(schema.problems_of(kAfter + "BEGIN SET @v = NEW.ssn; INSERT INTO AUDIT (id, what) VALUES (1, @v); END",
                           Knows::tables_so_far, true) == "warning table d.audit");
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
  const std::string into_own = "warning table d.people";
  CHECK(schema.problems_of(kAfter + "BEGIN SET @v = NEW.ssn; SET NEW.note = @v; END") == into_own);
  CHECK(schema.problems_of(kAfter + "BEGIN DECLARE v TEXT; SET v = NEW.ssn; SET NEW.id = 1, NEW.note = v; END") ==
        into_own);
  CHECK(schema.problems_of(kAfter + "DECLARE v VARCHAR2(60); BEGIN v := :NEW.ssn; :NEW.note := v; END") == into_own);
  CHECK(schema.problems_of(kAfter +
                           "BEGIN DECLARE v VARCHAR(60) CHARACTER SET utf8mb4 DEFAULT NEW.ssn; INSERT INTO audit "
                           "(what) VALUES (v); END") == "warning table d.audit");
  CHECK(schema.problems_of(kAfter + "CALL copy(NEW.ssn, NEW.note)") == into_own);
  CHECK(schema.problems_of(kAfter + "IF f(NEW.ssn) THEN SET NEW.note = 'x'; END IF") == into_own);
  CHECK(schema.problems_of(kAfter + "IF NEW.ssn = 'x' AND NEW.note = 'y' THEN SET @v = 1; END IF").empty());
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
  CHECK(schema.problems_of(kAfter + "INSERT INTO audit (id, what) SELECT id, country FROM people FOR UPDATE").empty());
  INFO("names of queries are no tables");
  CHECK(schema
            .problems_of(kAfter + "WITH later AS (SELECT 1 AS id), c AS (SELECT 2) UPDATE secret JOIN later USING (id) "
                                  "SET x = NEW.ssn")
            .empty());
  CHECK(schema.problems_of(kAfter + "UPDATE secret JOIN JSON_TABLE('[]', '$') later SET x = NEW.ssn").empty());
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
  INFO("very many uses of a column");
  std::string many = "SET @a = CONCAT(NEW.ssn";
  for (int i = 0; i < 60'000; ++i) many += ", NEW.ssn, audit.a";
  CHECK(schema.problems_of(kAfter + many + ")") == "warning table d.audit");
  std::string tables = "UPDATE audit";
  for (int i = 0; i < 100; ++i) tables += ", audit AS a" + std::to_string(i);
  CHECK(schema.problems_of(kAfter + tables + " SET what = 1" + many.substr(std::string("SET @a = 1").size() - 2) + ")")
            .starts_with("error table d.people"));
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
