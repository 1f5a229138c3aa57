#include "tests/scrub_rules/kept_stream.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using binlog::EventType;
using binlog::Flavor;
using Stream = KeptStream;

TEST_CASE("statements: a session with temporary tables changes no table of a name that leaves", "[scrub_rules]") {
  for (const char* statement : {"ALTER TABLE kept DROP COLUMN pii", "TRUNCATE TABLE kept",
                                "CREATE INDEX i ON kept (id)", "CREATE TABLE other LIKE kept"}) {
    Stream stream;
    PlainEvent query = make_query(statement);
    CHECK_FALSE(Stream().feed({make_gtid(), query}));
    query.header.flags = binlog::kFlagThreadSpecific;
    const auto error = stream.feed({make_gtid(), query});
    REQUIRE(error);
    CHECK(error->kind() == base::ErrorKind::unsupported);
  }
  PlainEvent dropped = make_query("DROP TABLE kept");
  dropped.header.flags = binlog::kFlagThreadSpecific;  // servers set it on every DROP TABLE
  CHECK_FALSE(Stream().feed({make_gtid(), dropped}));
  for (const char* statement : {"DROP DATABASE d", "CREATE OR REPLACE TABLE kept (id INT, pii INT)"}) {
    PlainEvent flagged = make_query(statement);
    flagged.header.flags = binlog::kFlagThreadSpecific;  // MariaDB does, in every session
    CHECK_FALSE(Stream(Flavor::mariadb).feed({make_mariadb_gtid('\x29'), flagged}));
  }
  PlainEvent other = make_query("ALTER TABLE other ADD x INT");
  other.header.flags = binlog::kFlagThreadSpecific;
  CHECK_FALSE(Stream().feed({make_gtid(), other}));
  PlainEvent temporary = make_query("DROP TEMPORARY TABLE kept");
  temporary.header.flags = binlog::kFlagThreadSpecific;
  CHECK(Stream().fed({make_gtid(), temporary}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
}

TEST_CASE("statements: a statement that does not leave becomes an empty transaction of the flavour's kind",
          "[scrub_rules]") {
  Stream mysql;
  CHECK(mysql.fed({make_gtid(), make_query("CREATE USER u IDENTIFIED BY 'PII!'")}) ==
        "GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(mysql.scrubber().counters().statements_dropped == 1);
  INFO("without GTIDs nothing has to stay");
  CHECK(Stream().fed({make_query("CREATE USER u IDENTIFIED BY 'PII!'")}).empty());
  Stream mariadb(Flavor::mariadb);
  CHECK(mariadb.fed({make_mariadb_gtid(0x29), make_query("CREATE TABLE other (a INT COMMENT 'PII!')")}) ==
        "GTID QUERY(# dropped)");
  const PlainEvent& dropped = mariadb.written().back();
  CHECK(dropped.header.flags == binlog::kFlagSuppressUse);
  CHECK(dropped.body == std::string(14, '\0') + "# dropped");
  CHECK(dropped.header.server_id == 7);
  CHECK(dropped.header.timestamp == 1700000000);
  INFO("inside a transaction it just goes");
  CHECK(mysql.fed({make_gtid(), make_query("BEGIN"), make_query("DROP TEMPORARY TABLE t"), make_xid()}) ==
        "GTID QUERY(BEGIN) XID");
}

TEST_CASE("statements: DDL of a table that leaves is written anew, and counts from the next table map",
          "[scrub_rules]") {
  Stream stream(Flavor::mysql, kKeptRules, false);
  CHECK(stream.fed({make_gtid(), make_query("create table kept (id int primary key, pii int comment 'PII!')")})
            .starts_with("GTID QUERY(CREATE TABLE"));
  const PlainEvent& create = stream.written().back();
  const auto parsed = binlog::QueryEvent::parse(base::ByteView::of(create.body));
  REQUIRE(parsed);
  CHECK(parsed->thread_id == 5);
  CHECK(parsed->database == "d");
  CHECK(statement_of(create).find("pii") == std::string::npos);
  CHECK(stream.scrubber().counters().statements_rewritten == 1);
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_map(9, "kept"), make_rows(9, true), make_xid()}) ==
        "GTID QUERY(BEGIN) MAP ROWS! XID");
  INFO("the same table map bytes no longer fit");
  CHECK(stream.fed({make_gtid(), make_query("alter table kept drop column pii, add column pii bigint")}).size() > 4);
  const auto error = stream.feed({make_gtid(), make_query("BEGIN"), make_map(9, "kept")});
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::rule);
  CHECK(error->subject() == "d.kept.pii");
}

TEST_CASE("statements: a table with a column that the rules do not decide about halts for that column",
          "[scrub_rules]") {
  Stream stream(Flavor::mysql, "[[table]]\nname = \"d.t\"\ncolumn_default = \"halt\"\n[table.columns]\nid = \"keep\"\n",
                false);
  const auto error = stream.feed({make_gtid(), make_query("CREATE TABLE t (id INT PRIMARY KEY, added INT)")});
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::rule);
  CHECK(error->subject() == "d.t.added");
}

TEST_CASE("statements: a column that becomes too narrow for its constant halts before the replica refuses it",
          "[scrub_rules]") {
  const std::string kWithheld =
      "[[table]]\nname = \"d.t\"\n[table.columns]\nid = \"keep\"\npii = { action = \"constant\", value = \"withheld\" "
      "}\n";
  Stream stream(Flavor::mysql, kWithheld, false);
  const PlainEvent made = make_query("CREATE TABLE t (id INT PRIMARY KEY, pii VARCHAR(8))");
  CHECK(stream.fed({make_gtid(), made}).size() > 4);
  CHECK(stream.fed({make_gtid(), make_query("ALTER TABLE t MODIFY pii VARCHAR(20)")}).size() > 4);
  const auto error = stream.feed({make_gtid(), make_query("ALTER TABLE t MODIFY pii VARCHAR(7)")});
  REQUIRE(error);
  CHECK(error->subject() == "d.t.pii");
  CHECK_FALSE(error->remedy().empty());
}

TEST_CASE("statements: a table in memory is emptied as the source's server does it when it has started",
          "[scrub_rules]") {
  Stream stream(Flavor::mysql, kKeptRules, false);
  const PlainEvent emptied = make_query("DELETE FROM `d`.`kept`");
  CHECK(stream.feed({make_gtid(), make_query("BEGIN"), emptied}));
  Stream memory(Flavor::mysql, kKeptRules, false);
  CHECK(memory.fed({make_gtid(), make_query("CREATE TABLE kept (id INT PRIMARY KEY, pii INT) ENGINE=MEMORY")}).size() >
        4);
  CHECK(memory.fed({make_gtid(), make_query("BEGIN"), emptied, make_query("COMMIT")}) ==
        "GTID QUERY(BEGIN) QUERY(DELETE FROM `d`.`kept`) QUERY(COMMIT)");
  for (const char* other : {"DELETE FROM `d`.`kept` WHERE pii = 'PII!'", "DELETE FROM `d`.`other`",
                            "delete from `d`.`kept`", "DELETE FROM d.kept", "DELETE FROM `d`.`kept` "}) {
    Stream refused(Flavor::mysql, kKeptRules, false);
    REQUIRE_FALSE(
        refused.feed({make_gtid(), make_query("CREATE TABLE kept (id INT PRIMARY KEY, pii INT) ENGINE=MEMORY")}));
    CHECK(refused.feed({make_gtid(), make_query("BEGIN"), make_query(other)}));
  }
}

TEST_CASE("statements: a table in memory that does not leave is emptied at the source alone", "[scrub_rules]") {
  const std::vector<PlainEvent> emptied = {make_gtid(), make_query("BEGIN"), make_query("DELETE FROM `d`.`other`"),
                                           make_query("COMMIT")};
  const auto after = [&emptied](const std::string& golden, const std::vector<std::string>& statements) {
    StreamTester stream(kKeptRules, Flavor::mysql);
    stream.start_like(golden);
    for (const std::string& statement : statements) REQUIRE_FALSE(stream.feed({make_gtid(), make_query(statement)}));
    stream.clear_written();
    return stream.feed(emptied) ? "halt" : stream.summary();
  };
  const std::string create = "CREATE TABLE other (id INT) ENGINE=MEMORY";
  CHECK(after("my56-nopk.binlog", {create}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
  INFO("what may be a view, or change another table, is not certain");
  CHECK(after("my56-nopk.binlog", {}) == "halt");
  CHECK(after("my56-nopk.binlog", {create, "CREATE TRIGGER tr BEFORE DELETE ON other FOR EACH ROW DELETE FROM kept"}) ==
        "halt");
  INFO("later servers write TRUNCATE TABLE");
  CHECK(after(kMysql, {create}) == "halt");
}

TEST_CASE("statements: CREATE TABLE IF NOT EXISTS tells a table's columns only where it made the table",
          "[scrub_rules]") {
  const std::string create = "CREATE TABLE IF NOT EXISTS kept (pii INT, id INT PRIMARY KEY)";
  const auto with_number = [&](std::string_view statement) {
    PlainEvent query = make_query(statement);
    query.body[11] = 9;  // bytes of status variables
    query.body.insert(13, std::string("\x11\5\0\0\0\0\0\0\0", 9));
    return query;
  };
  Stream made(Flavor::mysql, kKeptRules, false);
  CHECK(made.fed({make_gtid(), with_number(create)}).starts_with("GTID QUERY(CREATE TABLE IF NOT EXISTS"));
  CHECK(made.history().find({"d", "kept"}) != nullptr);
  INFO("it was there already, and its columns may stand in another order");
  Stream there(Flavor::mysql, kKeptRules, false);
  CHECK(there.fed({make_gtid(), make_query(create)}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(there.history().find({"d", "kept"}) == nullptr);
  CHECK(there.feed({make_gtid(), make_query("BEGIN"), make_map(9, "kept")}));
  INFO("other engines have no number");
  Stream myisam(Flavor::mysql, kKeptRules, false);
  CHECK(myisam.fed({make_gtid(), make_query(create + " ENGINE=MyISAM")}).starts_with("GTID QUERY(CREATE TABLE"));
  INFO("a known table stays as it is");
  Stream known;
  CHECK(known.fed({make_gtid(), make_query(create)}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(known.history().find({"d", "kept"})->columns[0].name == "id");
}

TEST_CASE("statements: CREATE TABLE ... SELECT keeps its rows in its transaction", "[scrub_rules]") {
  const std::string create = "CREATE TABLE `d`.`kept` (`id` int NOT NULL DEFAULT '0', `pii` int DEFAULT NULL)";
  Stream mysql(Flavor::mysql, kKeptRules, false);
  const std::string summary = mysql.fed({make_gtid(), make_query("BEGIN"), make_query(create + " START TRANSACTION"),
                                         make_map(9, "kept"), make_rows(9, true), make_xid()});
  CHECK(summary.starts_with("GTID QUERY(BEGIN) QUERY(CREATE TABLE"));
  CHECK(summary.ends_with("START TRANSACTION) MAP ROWS! XID"));
  Stream conditional(Flavor::mysql, kKeptRules, false);
  const std::string if_not_exists = "CREATE TABLE IF NOT EXISTS" + create.substr(12) + " START TRANSACTION";
  CHECK(conditional
            .fed({make_gtid(), make_query("BEGIN"), make_query(if_not_exists), make_map(9, "kept"), make_rows(9, true),
                  make_xid()})
            .ends_with("START TRANSACTION) MAP ROWS! XID"));
  Stream other(Flavor::mysql, "[defaults]\ntable = \"deny\"\n", false);
  CHECK(other.fed({make_gtid(), make_query("BEGIN"), make_query(create + " START TRANSACTION"), make_map(9, "kept"),
                   make_rows(9, true), make_xid()}) == "GTID QUERY(BEGIN) XID");
  Stream mariadb(Flavor::mariadb, kKeptRules, false);
  CHECK(mariadb
            .fed({make_mariadb_gtid(0x28), make_query(create), make_map(9, "kept"), make_rows(9, true, false),
                  make_xid()})
            .ends_with(") MAP ROWS! XID"));
}

TEST_CASE("statements: savepoints and XA transactions keep together under other names", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_query("SAVEPOINT `PII!`"), make_map(9, "kept"),
                    make_rows(9, true), make_query("ROLLBACK TO `pii!`"), make_xid()}) ==
        "GTID QUERY(BEGIN) QUERY(SAVEPOINT `s1`) MAP ROWS! QUERY(ROLLBACK TO `s1`) XID");
  const std::string prepare("\0\1\0\0\0\4\0\0\0\0\0\0\0PII!", 17);
  const std::string summary =
      stream.fed({make_gtid(), make_query("XA START X'50494921',X'',1"), make_map(9, "kept"), make_rows(9, true),
                  make_query("XA END X'50494921',X'',1"), make_event(EventType::xa_prepare, prepare), make_gtid(),
                  make_query("XA COMMIT X'50494921',X'',1")});
  CHECK(summary.find("50494921") == std::string::npos);
  const auto id_at = summary.find("X'");
  const std::string id = summary.substr(id_at, summary.find(')') - id_at);
  CHECK(summary ==
        "GTID QUERY(XA START " + id + ") MAP ROWS! QUERY(XA END " + id + ") PREPARE GTID QUERY(XA COMMIT " + id + ")");
}

TEST_CASE("statements: an XA transaction of which nothing leaves ends where it is prepared", "[scrub_rules]") {
  const std::string prepare("\0\1\0\0\0\4\0\0\0\0\0\0\0PII!", 17);
  const auto run = [&](Stream& stream, const std::string& end) {
    std::string summary =
        stream.fed({make_gtid(), make_query("XA START X'50494921',X'',1"), make_map(9, "denied"), make_rows(9, true),
                    make_query("XA END X'50494921',X'',1"), make_event(EventType::xa_prepare, prepare), make_gtid(),
                    make_query(end + " X'50494921',X'',1")});
    return summary.substr(summary.find("PREPARE"));
  };
  Stream stream;
  CHECK(run(stream, "XA COMMIT") == "PREPARE GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(run(stream, "XA ROLLBACK") == "PREPARE GTID QUERY(BEGIN) QUERY(COMMIT)");
}

TEST_CASE("statements: savepoints of one transaction are unknown to the next", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_query("SAVEPOINT `a`"), make_xid()}).size() > 4);
  CHECK(stream.feed({make_gtid(), make_query("BEGIN"), make_query("ROLLBACK TO `a`")}));
}

TEST_CASE("statements: BEGIN and COMMIT say nothing but themselves", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN", "PII!"), make_query("COMMIT", "PII!")}) ==
        "GTID QUERY(BEGIN) QUERY(COMMIT)");
}

}  // namespace
}  // namespace relay::scrub_rules::testing
