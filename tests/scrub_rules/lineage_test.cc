#include <catch2/catch.hpp>

#include "scrub_rules/rule_view.h"
#include "scrub_rules/shadow_name.h"
#include "scrub_rules/table_rules.h"
#include "tests/scrub_rules/stream_tester.h"

namespace relay::scrub_rules::testing {
namespace {

using binlog::Flavor;

const std::string kCustomers = R"([[table]]
name = "d.customers"
column_default = "drop"
[table.columns]
id = "keep"
country = "keep"
[[table]]
name = "d.secret"
column_default = "drop"
)";
const std::string kWild = R"([[table]]
name = "d.*"
column_default = "keep"
)";
const std::string kPass = "[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n";
constexpr const char* kTable = "CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(60), country CHAR(2))";

struct Ddl : StreamTester {
  explicit Ddl(const std::string& rules, Flavor flavor = Flavor::mysql) : StreamTester(rules, flavor) {
    start_like(flavor == Flavor::mysql ? "my97-nopk.binlog" : "ma1011-nopk.binlog");
  }
  // What goes in the place of a statement; "-" for nothing, "halt" when the stream stops.
  std::string run(const std::string& statement) {
    clear_written();
    const PlainEvent gtid = make_event(
        binlog::EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
    if (feed({gtid, make_query(statement)})) return halted = true, "halt";
    const std::string text = statement_of(written()[1]);
    return text == "BEGIN" ? "-" : text;
  }
  std::string columns_of(const std::string& table) {
    const sql::TableDefinition* definition = history().find({"d", table});
    if (definition == nullptr) return "unknown";
    const RuleView view(rules(), false, &history().lineage());
    const auto plans = column_plans(view, *definition);
    REQUIRE(plans);
    std::string text;
    for (std::size_t i = 0; i < plans->size(); ++i) {
      if ((*plans)[i].action.kind == ActionKind::keep) text += definition->columns[i].name + " ";
    }
    return text;
  }
  bool halted = false;
};

std::string bases(std::string_view name) {
  const auto shadow = shadow_name(name);
  if (!shadow) return "none";
  std::string text = shadow->role == ShadowName::Role::journal ? "journal" : "copy";
  for (const std::string& base : shadow->bases) text += " " + base;
  return text;
}

TEST_CASE("shadow_name: knows the names of gh-ost and pt-online-schema-change", "[scrub_rules]") {
  CHECK(bases("_t_gho") == "copy t");
  CHECK(bases("_t_del") == "copy t");
  CHECK(bases("_t_20261125190000_del") == "copy t_20261125190000 t");
  CHECK(bases("_t_ghc") == "journal t");
  CHECK(bases("_t_ghk") == "journal t");
  CHECK(bases("_t_new") == "copy t");
  CHECK(bases("__t_old") == "copy _t t");
  CHECK(bases("_T_GHO") == "copy T");
  for (const char* other : {"t", "t_gho", "_gho", "__gho", "_t_ghost", "t_new", "_t", "", "_"})
    CHECK(bases(other) == "none");
  CHECK(bases(std::string(30, '_') + "t_new") == "copy" + [] {
    std::string text;
    for (int i = 29; i >= 20; --i) text += " " + std::string(static_cast<std::size_t>(i), '_') + "t";
    return text;
  }());
  CHECK(shadow_name("_" + std::string(59, 'x') + "_gho")->cut);
  CHECK_FALSE(shadow_name("_" + std::string(58, 'x') + "_gho")->cut);
  CHECK(is_set_aside_name("_t_del"));
  CHECK_FALSE(is_set_aside_name("t_del"));
}

TEST_CASE("rule_set: a working table has the rules of the table that it stands for", "[scrub_rules]") {
  base::Problems problems;
  const std::string long_name(62, 'c');
  const RuleSet rules =
      RuleSet::parse(kCustomers + kWild + "[[table]]\nname = \"d._own_gho\"\ncolumn_default = \"drop\"\n" +
                         "[[table]]\nname = \"d." + long_name + "\"\n",
                     "rules.toml", problems);
  REQUIRE_FALSE(base::has_errors(problems));
  const auto name_of = [&](const std::string& table) {
    const TableRule* rule = rules.find("d", table, false);
    return rule == nullptr ? std::string("none") : rule->name();
  };
  CHECK(name_of("_customers_gho") == "d.customers");
  CHECK(name_of("___customers_new") == "d.customers");
  CHECK(name_of("_customers_20261125190000_del") == "d.customers");
  CHECK(name_of("_customers_ghc") == "none");
  CHECK(name_of("_other_gho") == "d.*");
  CHECK(name_of("_own_gho") == "d._own_gho");
  CHECK(name_of("_" + std::string(59, 'c') + "_gho") == "d." + long_name);
  CHECK(name_of("__customers_new_gho") == "d.customers");
  CHECK_FALSE(rules.table_leaves("d", "_secret_gho", false));
  CHECK_FALSE(rules.table_leaves("d", "_customers_ghc", false));
  CHECK(rules.table_leaves("d", "_customers_old", false));
  CHECK(rules.followed("d", "_customers_old", false) == std::optional<std::string>("customers"));
  CHECK(rules.followed("d", "_own_gho", false) == std::nullopt);
  CHECK(rules.followed("d", "customers", false) == std::nullopt);
  const RuleSet pass = RuleSet::parse(kPass, "rules.toml", problems);
  CHECK(pass.table_leaves("d", "_t_gho", false));
  CHECK_FALSE(pass.table_leaves("d", "_t_ghc", false));
}

TEST_CASE("lineage: gh-ost's statements leave the replica with the new table, scrubbed", "[scrub_rules]") {
  for (const std::string& rules : {kCustomers, kCustomers + kWild, kPass + kCustomers}) {
    Ddl stream(rules);
    CHECK(stream.run(kTable).starts_with("CREATE TABLE `d`.`customers` ("));
    CHECK(stream.run("drop /* gh-ost */ table if exists `d`.`_customers_gho`") ==
          "DROP TABLE IF EXISTS `d`.`_customers_gho`");
    CHECK(
        stream.run("create /* gh-ost */ table `d`.`_customers_ghc` (id bigint unsigned auto_increment, last_update "
                   "timestamp not null DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, hint varchar(64) charset "
                   "ascii not null, value varchar(4096) charset ascii not null, primary key(id), unique key "
                   "hint_uidx(hint)) auto_increment=256 comment='gh-ost changelog'") == "-");
    CHECK(stream.run("create /* gh-ost */ table `d`.`_customers_gho` like `d`.`customers`") ==
          "CREATE TABLE `d`.`_customers_gho` LIKE `d`.`customers`");
    CHECK(stream.columns_of("_customers_gho") == "id country ");
    const std::string altered =
        stream.run("alter /* gh-ost */ table `d`.`_customers_gho` ADD COLUMN phone VARCHAR(20), ENGINE=InnoDB");
    CHECK(altered.find("phone") == std::string::npos);
    CHECK(stream.columns_of("_customers_gho") == "id country ");
    CHECK(stream.run("create /* gh-ost */ table `d`.`_customers_del` (id int auto_increment primary key) engine=InnoDB "
                     "comment='ghost-cut-over-sentry'") == "-");
    CHECK(stream.columns_of("_customers_del") == "unknown");
    CHECK(stream.run("drop /* gh-ost */ table if exists `d`.`_customers_del`") == "-");
    CHECK(stream.run("rename /* gh-ost */ table `d`.`customers` to `d`.`_customers_del`, `d`.`_customers_gho` to "
                     "`d`.`customers`") ==
          "RENAME TABLE `d`.`customers` TO `d`.`_customers_del`, `d`.`_customers_gho` TO `d`.`customers`");
    CHECK(stream.run("drop /* gh-ost */ table if exists `d`.`_customers_ghc`") == "-");
    CHECK(stream.run("drop /* gh-ost */ table if exists `d`.`_customers_del`") ==
          "DROP TABLE IF EXISTS `d`.`_customers_del`");
    CHECK(stream.columns_of("customers") == "id country ");
    CHECK(stream.history().find({"d", "customers"})->columns.size() == 4);
    CHECK(stream.history().lineage().all().empty());
  }
}

TEST_CASE("lineage: a copy under a name that only wildcards or the default let leave keeps the rules of its original",
          "[scrub_rules]") {
  for (const std::string& rules : {kCustomers + kWild, kPass + kCustomers}) {
    Ddl stream(rules);
    static_cast<void>(stream.run(kTable));
    CHECK(stream.run("CREATE TABLE backup LIKE customers") == "CREATE TABLE `d`.`backup` LIKE `d`.`customers`");
    CHECK(stream.columns_of("backup") == "id country ");
    CHECK(stream.run("CREATE TABLE again LIKE backup") == "CREATE TABLE `d`.`again` LIKE `d`.`backup`");
    CHECK(stream.run("RENAME TABLE backup TO moved") == "RENAME TABLE `d`.`backup` TO `d`.`moved`");
    CHECK(stream.run("ALTER TABLE again RENAME TO again2") != "halt");
    CHECK(stream.columns_of("moved") == "id country ");
    CHECK(stream.columns_of("again2") == "id country ");
    CHECK(stream.run("CREATE TABLE IF NOT EXISTS moved (id INT PRIMARY KEY, email VARCHAR(60), country CHAR(2))") !=
          "halt");
    CHECK(stream.columns_of("moved") == "id country ");
    CHECK(stream.run("DROP TABLE moved") == "DROP TABLE `d`.`moved`");
    INFO("a table of its own is no copy any more");
    CHECK(stream.run("CREATE TABLE moved (id INT PRIMARY KEY, email VARCHAR(60))") != "halt");
    CHECK(stream.columns_of("moved") == "id email ");
    CHECK(stream.run("DROP DATABASE d") != "halt");
    CHECK(stream.history().lineage().all().empty());
  }
}

TEST_CASE("lineage: a copy of a table that a rule holds back does not leave", "[scrub_rules]") {
  Ddl stream(kPass + kCustomers);
  CHECK(stream.run("CREATE TABLE secret (id INT PRIMARY KEY, pii INT)") == "-");
  CHECK(stream.run("CREATE TABLE backup LIKE secret") == "-");
  CHECK(stream.run("CREATE TABLE IF NOT EXISTS backup (id INT PRIMARY KEY, pii INT)") == "-");
  CHECK(stream.run("ALTER TABLE backup ADD COLUMN x INT") == "-");
  CHECK(stream.run("TRUNCATE TABLE backup") == "-");
  INFO("what did not leave cannot come back under another name");
  CHECK(stream.run("RENAME TABLE backup TO open_name") == "halt");
  Ddl wild(kWild + kCustomers);
  CHECK(wild.run("CREATE TABLE secret (id INT PRIMARY KEY, pii INT)") == "-");
  INFO("whatever wildcards its name fits");
  CHECK(wild.run("CREATE TABLE backup LIKE secret") == "-");
  CHECK(wild.run("ALTER TABLE backup ADD COLUMN x INT") == "-");
  CHECK(wild.run("RENAME TABLE backup TO open_name") == "halt");
  INFO("a rule of its own lets it leave, but the replica has nothing to copy");
  Ddl named(kWild + kCustomers + "[[table]]\nname = \"d.backup\"\ncolumn_default = \"keep\"\n");
  CHECK(named.run("CREATE TABLE secret (id INT PRIMARY KEY, pii INT)") == "-");
  CHECK(named.run("CREATE TABLE backup LIKE secret") == "halt");
}

TEST_CASE("lineage: under denied names a copy and a renamed table do not leave", "[scrub_rules]") {
  Ddl stream(kCustomers);
  static_cast<void>(stream.run(kTable));
  CHECK(stream.run("CREATE TABLE backup LIKE customers") == "-");
  CHECK(stream.columns_of("backup") == "unknown");
  CHECK(stream.run("RENAME TABLE customers TO archive") == "DROP TABLE IF EXISTS `d`.`customers`");
  CHECK(stream.columns_of("archive") == "unknown");
  CHECK(stream.run("RENAME TABLE archive TO customers") == "halt");
}

TEST_CASE("lineage: a working table under a forced name keeps the rules of its original", "[scrub_rules]") {
  Ddl stream(kCustomers);
  static_cast<void>(stream.run(kTable));
  CHECK(stream.run("CREATE TABLE _forced_gho LIKE customers") == "CREATE TABLE `d`.`_forced_gho` LIKE `d`.`customers`");
  CHECK(stream.columns_of("_forced_gho") == "id country ");
  CHECK(stream.run("RENAME TABLE customers TO _forced_del, _forced_gho TO customers") ==
        "RENAME TABLE `d`.`customers` TO `d`.`_forced_del`, `d`.`_forced_gho` TO `d`.`customers`");
  CHECK(stream.columns_of("_forced_del") == "id country ");
}

TEST_CASE("lineage: swaps go by the lineage of before and after", "[scrub_rules]") {
  Ddl stream(kPass + kCustomers);
  static_cast<void>(stream.run(kTable));
  static_cast<void>(stream.run("CREATE TABLE plain (id INT PRIMARY KEY, email VARCHAR(60), country CHAR(2))"));
  static_cast<void>(stream.run("CREATE TABLE copy LIKE customers"));
  CHECK(stream.run("RENAME TABLE copy TO x, plain TO copy") ==
        "RENAME TABLE `d`.`copy` TO `d`.`x`, `d`.`plain` TO `d`.`copy`");
  CHECK(stream.columns_of("x") == "id country ");
  CHECK(stream.columns_of("copy") == "id email country ");
}

TEST_CASE("lineage: is undone with its transaction and kept in the history file", "[scrub_rules]") {
  relay::testing::FaultyFileSystem files;
  const auto opened = [&](std::uint64_t resume) {
    auto history = SchemaHistory::open(files, "spool/history", {1, resume}, false);
    REQUIRE(history);
    return std::move(*history);
  };
  const sql::TableName copy{"d", "copy"};
  const sql::TableName held{"d", "held"};
  const Origin origin{sql::TableName{"d", "customers"}};
  {
    const auto history = opened(0);
    REQUIRE(history->set_baseline({}, {}, {}, {{held, Origin{}, false}}));
    history->stage_lineage({{copy, origin, true}});
    const std::uint64_t version = history->version();
    history->rollback();
    CHECK(history->version() > version);
    CHECK(history->lineage().find(copy) == nullptr);
    history->stage_lineage({{copy, origin, true}});
    REQUIRE(history->commit({1, 10}));
    history->stage_lineage({{copy, std::nullopt, false}, {held, std::nullopt, false}});
    REQUIRE(history->commit({1, 20}));
  }
  const auto lineage = read_lineage(files, "spool/history", false);
  REQUIRE(lineage);
  CHECK(lineage->all().empty());
  {
    INFO("resumed between the two");
    const auto history = opened(10);
    REQUIRE(history->lineage().find(copy) != nullptr);
    CHECK(*history->lineage().find(copy) == origin);
    CHECK_FALSE(history->lineage().find(held)->rules_of);
  }
  const auto again = opened(20);
  CHECK(again->lineage().find(copy) != nullptr);
  CHECK(read_lineage(files, "spool/none", false)->all().empty());
}

TEST_CASE("lineage: names are told apart as the source does", "[scrub_rules]") {
  Lineage folding(true);
  folding.put({"D", "Copy"}, Origin{});
  CHECK(folding.find({"d", "cOPY"}) != nullptr);
  Lineage exact(false);
  exact.put({"D", "Copy"}, Origin{});
  CHECK(exact.find({"d", "copy"}) == nullptr);
}

TEST_CASE("event_scrubber: a foreign key that comes later takes the copy away", "[scrub_rules]") {
  Ddl ddl("[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\ncolumns = { ssn = \"drop\" }\n");
  CHECK(ddl.run("CREATE TABLE p (id INT PRIMARY KEY, ssn CHAR(11), UNIQUE KEY (ssn))") != "halt");
  CHECK(ddl.run("CREATE TABLE t (id INT PRIMARY KEY, owner CHAR(11), FOREIGN KEY (owner) REFERENCES p (ssn))") ==
        "CREATE TABLE `d`.`t` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n)");
  CHECK(ddl.run("CREATE TABLE t2 (id INT PRIMARY KEY, owner CHAR(11))") != "halt");
  CHECK(ddl.run("ALTER TABLE t2 ADD FOREIGN KEY (owner) REFERENCES p (ssn)") ==
        "ALTER TABLE `d`.`t2` DROP COLUMN `owner`");
  CHECK(ddl.columns_of("t2") == "id ");
}

}  // namespace
}  // namespace relay::scrub_rules::testing
