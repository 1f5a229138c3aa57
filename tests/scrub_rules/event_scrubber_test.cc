#include <algorithm>
#include <catch2/catch.hpp>

#include "relay/binlog/query_event.h"
#include "tests/scrub_rules/stream_tester.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using binlog::EventType;
using binlog::Flavor;

const std::string kRules = R"([[table]]
name = "d.kept"
column_default = "drop"
[table.columns]
id = "keep"
)";
constexpr const char* kMysql = "my97-nopk.binlog";
constexpr const char* kMariadb = "ma1011-nopk.binlog";

const std::string kXid("\1\0\0\0\0\0\0\0", 8);

std::string id_bytes(std::uint64_t id) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += static_cast<char>(id >> (8 * i) & 0xff);
  return text;
}

// Of a table of two INT columns.
PlainEvent make_map(std::uint64_t id, const std::string& table) {
  std::string body = id_bytes(id) + std::string("\1\0\1d\0", 5) + static_cast<char>(table.size()) + table;
  return make_event(EventType::table_map, body + std::string("\0\2\3\3\0\2", 6));
}

constexpr std::size_t kRowsFlags = 6;  // behind the table id
PlainEvent make_rows(std::uint64_t id, bool ends_statement, bool version_2 = true) {
  std::string body = id_bytes(id) + (ends_statement ? '\1' : '\0') + std::string("\0", 1);
  if (version_2) body += std::string("\2\0", 2);
  body += std::string("\2\3\0\7\0\0\0PII!", 11);
  return make_event(version_2 ? EventType::write_rows_v2 : EventType::write_rows_v1, body);
}

PlainEvent make_gtid() {
  return make_event(EventType::gtid, std::string(1, '\0') + std::string(16, 'u') + std::string("\5\0\0\0\0\0\0\0", 8));
}
PlainEvent make_mariadb_gtid(char flags) {
  return make_event(EventType::mariadb_gtid,
                    std::string("\5\0\0\0\0\0\0\0\0\0\0\0", 12) + flags + std::string(6, '\0'));
}
PlainEvent make_xid() { return make_event(EventType::xid, kXid); }

// A stream in which d.kept and d.other are known.
struct Stream : StreamTester {
  explicit Stream(Flavor flavor = Flavor::mysql, const std::string& rules = kRules, bool with_table = true)
      : StreamTester(rules, flavor) {
    start_like(flavor == Flavor::mysql ? kMysql : kMariadb);
    if (!with_table) return;
    std::vector<sql::CatalogChange> changes;
    auto definition = std::make_unique<sql::TableDefinition>();
    for (const char* name : {"id", "pii"}) {
      sql::ColumnDefinition& column = definition->columns.emplace_back();
      column.name = name;
      column.type = "int";
      column.nullable = std::string(name) == "pii";
    }
    changes.push_back({{"d", "kept"}, std::move(definition)});
    history().stage(std::move(changes));
    REQUIRE(history().commit({1, 1}));
  }
  std::string fed(const std::vector<PlainEvent>& events) {
    clear_written();
    const auto error = feed(events);
    INFO((error ? error->message() : ""));
    REQUIRE_FALSE(error);
    CHECK(written_text().find("PII!") == std::string::npos);
    return summary();
  }
};

TEST_CASE("event_scrubber: a session with temporary tables changes no table of a name that leaves", "[scrub_rules]") {
  for (const char* statement : {"ALTER TABLE kept DROP COLUMN pii", "TRUNCATE TABLE kept", "CREATE INDEX i ON kept (id)",
                                "CREATE TABLE other LIKE kept"}) {
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

TEST_CASE("event_scrubber: rows of a table that leaves go without the dropped column", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_map(9, "kept"), make_rows(9, true), make_xid()}) ==
        "GTID QUERY(BEGIN) MAP ROWS! XID");
  const std::string rows = stream.written()[3].body;
  CHECK(rows == id_bytes(9) + std::string("\1\0\2\0\1\1\0\7\0\0\0", 11));
  const std::string map = stream.written()[2].body;
  CHECK(map == id_bytes(9) + std::string("\1\0\1d\0\4kept\0\1\3\0\0", 15));
}

TEST_CASE("event_scrubber: rows keep MariaDB's flag of unchecked constraints", "[scrub_rules]") {
  PlainEvent rows = make_rows(9, true, false);
  rows.body[kRowsFlags] = static_cast<char>(0x81);
  Stream mariadb(Flavor::mariadb);
  CHECK(mariadb.fed({make_mariadb_gtid('\x0c'), make_map(9, "kept"), rows, make_xid()}) == "GTID MAP ROWS! XID");
  CHECK(mariadb.written()[2].body[kRowsFlags] == static_cast<char>(0x81));
  PlainEvent other = make_rows(9, true);
  other.body[kRowsFlags] = static_cast<char>(0x81);  // means nothing to MySQL
  CHECK(Stream().feed({make_gtid(), make_query("BEGIN"), make_map(9, "kept"), other}));
}

TEST_CASE("event_scrubber: a transaction of tables that do not leave stays, empty", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_map(9, "other"), make_rows(9, true), make_xid()}) ==
        "GTID QUERY(BEGIN) XID");
  Stream mariadb(Flavor::mariadb);
  CHECK(mariadb.fed({make_mariadb_gtid(8), make_map(9, "other"), make_rows(9, true, false), make_xid()}) == "GTID XID");
  CHECK(mariadb.scrubber().counters().rows_events_denied == 1);
}

TEST_CASE("event_scrubber: the end of a statement arrives though the rows that bore it do not", "[scrub_rules]") {
  for (const bool version_2 : {true, false}) {
    Stream stream(version_2 ? Flavor::mysql : Flavor::mariadb);
    const auto in_group = [&](std::vector<PlainEvent> events) {
      if (version_2) {
        events.insert(events.begin(), {make_gtid(), make_query("BEGIN")});
      } else {
        events.insert(events.begin(), make_mariadb_gtid(8));
      }
      events.push_back(make_xid());
      std::string text = stream.fed(events);
      for (const std::string part : {"GTID ", "QUERY(BEGIN) "}) {
        if (text.starts_with(part)) text.erase(0, part.size());
      }
      return text;
    };
    CHECK(in_group({make_map(1, "kept"), make_map(2, "other"), make_rows(1, false, version_2),
                    make_rows(2, true, version_2)}) == "MAP ROWS DUMMY! XID");
    const PlainEvent dummy = stream.written()[stream.written().size() - 2];
    CHECK(dummy.type() == (version_2 ? EventType::write_rows_v2 : EventType::write_rows_v1));
    CHECK(dummy.body == std::string("\xff\xff\xff\xff\xff\xff\1\0", 8) +
                            (version_2 ? std::string("\2\0\1\0", 4) : std::string("\1\0", 2)));
    INFO("only a table map was written");
    CHECK(in_group({make_map(1, "kept"), make_map(2, "other"), make_rows(2, true, version_2)}) == "MAP DUMMY! XID");
    INFO("the end was not dropped");
    CHECK(in_group({make_map(1, "kept"), make_map(2, "other"), make_rows(2, false, version_2),
                    make_rows(1, true, version_2)}) == "MAP ROWS! XID");
    INFO("the statement before had its end");
    CHECK(in_group({make_map(1, "kept"), make_rows(1, true, version_2), make_map(2, "other"),
                    make_rows(2, true, version_2)}) == "MAP ROWS! XID");
    INFO("the source's own mark");
    CHECK(in_group({make_map(1, "kept"), make_rows(1, false, version_2), dummy}) == "MAP ROWS DUMMY! XID");
    CHECK(in_group({make_map(2, "other"), make_rows(2, false, version_2), dummy}) == "XID");
  }
}

TEST_CASE("event_scrubber: rows without a live table map stop the stream", "[scrub_rules]") {
  const auto refused = [](std::vector<PlainEvent> events) {
    Stream stream;
    events.insert(events.begin(), {make_gtid(), make_query("BEGIN")});
    const auto error = stream.feed(events);
    return error && error->kind() == ErrorKind::malformed;
  };
  CHECK(refused({make_rows(9, true)}));
  CHECK(refused({make_map(9, "kept"), make_rows(8, true)}));
  CHECK(refused({make_map(9, "kept"), make_rows(9, true), make_rows(9, true)}));
  CHECK(refused({make_map(9, "other"), make_rows(9, true), make_rows(9, true)}));
  CHECK(refused({make_map(0xffffffffffff, "kept")}));
  PlainEvent rows = make_rows(0xffffffffffff, true);
  INFO("rows under the mark's table id");
  CHECK(refused({make_map(9, "kept"), rows}));
  CHECK_FALSE(refused({make_map(9, "kept"), make_rows(9, false), make_rows(9, true)}));
}

TEST_CASE("event_scrubber: a table id may stand for another table in the next statement", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_map(9, "kept"), make_rows(9, true), make_map(9, "other"),
                    make_rows(9, true), make_map(9, "kept"), make_rows(9, true), make_xid()}) ==
        "GTID QUERY(BEGIN) MAP ROWS! MAP ROWS! XID");
}

TEST_CASE("event_scrubber: a statement that does not leave becomes an empty transaction of the flavour's kind",
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

TEST_CASE("event_scrubber: DDL of a table that leaves is written anew, and counts from the next table map",
          "[scrub_rules]") {
  Stream stream(Flavor::mysql, kRules, false);
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

TEST_CASE("event_scrubber: a table in memory is emptied as the source's server does it when it has started", "[scrub_rules]") {
  Stream stream(Flavor::mysql, kRules, false);
  const PlainEvent emptied = make_query("DELETE FROM `d`.`kept`");
  CHECK(stream.feed({make_gtid(), make_query("BEGIN"), emptied}));
  Stream memory(Flavor::mysql, kRules, false);
  CHECK(memory.fed({make_gtid(), make_query("CREATE TABLE kept (id INT PRIMARY KEY, pii INT) ENGINE=MEMORY")}).size() > 4);
  CHECK(memory.fed({make_gtid(), make_query("BEGIN"), emptied, make_query("COMMIT")}) ==
        "GTID QUERY(BEGIN) QUERY(DELETE FROM `d`.`kept`) QUERY(COMMIT)");
  for (const char* other : {"DELETE FROM `d`.`kept` WHERE pii = 'PII!'", "DELETE FROM `d`.`other`", "delete from `d`.`kept`",
                            "DELETE FROM d.kept", "DELETE FROM `d`.`kept` "}) {
    Stream refused(Flavor::mysql, kRules, false);
    REQUIRE_FALSE(refused.feed({make_gtid(), make_query("CREATE TABLE kept (id INT PRIMARY KEY, pii INT) ENGINE=MEMORY")}));
    CHECK(refused.feed({make_gtid(), make_query("BEGIN"), make_query(other)}));
  }
}

TEST_CASE("event_scrubber: CREATE TABLE IF NOT EXISTS tells a table's columns only where it made the table", "[scrub_rules]") {
  const std::string create = "CREATE TABLE IF NOT EXISTS kept (pii INT, id INT PRIMARY KEY)";
  const auto with_number = [&](std::string_view statement) {
    PlainEvent query = make_query(statement);
    query.body[11] = 9;  // bytes of status variables
    query.body.insert(13, std::string("\x11\5\0\0\0\0\0\0\0", 9));
    return query;
  };
  Stream made(Flavor::mysql, kRules, false);
  CHECK(made.fed({make_gtid(), with_number(create)}).starts_with("GTID QUERY(CREATE TABLE IF NOT EXISTS"));
  CHECK(made.history().find({"d", "kept"}) != nullptr);
  INFO("it was there already, and its columns may stand in another order");
  Stream there(Flavor::mysql, kRules, false);
  CHECK(there.fed({make_gtid(), make_query(create)}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(there.history().find({"d", "kept"}) == nullptr);
  CHECK(there.feed({make_gtid(), make_query("BEGIN"), make_map(9, "kept")}));
  INFO("other engines have no number");
  Stream myisam(Flavor::mysql, kRules, false);
  CHECK(myisam.fed({make_gtid(), make_query(create + " ENGINE=MyISAM")}).starts_with("GTID QUERY(CREATE TABLE"));
  INFO("a known table stays as it is");
  Stream known;
  CHECK(known.fed({make_gtid(), make_query(create)}) == "GTID QUERY(BEGIN) QUERY(COMMIT)");
  CHECK(known.history().find({"d", "kept"})->columns[0].name == "id");
}

TEST_CASE("event_scrubber: CREATE TABLE ... SELECT keeps its rows in its transaction", "[scrub_rules]") {
  const std::string create = "CREATE TABLE `d`.`kept` (`id` int NOT NULL DEFAULT '0', `pii` int DEFAULT NULL)";
  Stream mysql(Flavor::mysql, kRules, false);
  const std::string summary = mysql.fed({make_gtid(), make_query("BEGIN"), make_query(create + " START TRANSACTION"),
                                         make_map(9, "kept"), make_rows(9, true), make_xid()});
  CHECK(summary.starts_with("GTID QUERY(BEGIN) QUERY(CREATE TABLE"));
  CHECK(summary.ends_with("START TRANSACTION) MAP ROWS! XID"));
  Stream conditional(Flavor::mysql, kRules, false);
  const std::string if_not_exists = "CREATE TABLE IF NOT EXISTS" + create.substr(12) + " START TRANSACTION";
  CHECK(conditional.fed({make_gtid(), make_query("BEGIN"), make_query(if_not_exists), make_map(9, "kept"),
                         make_rows(9, true), make_xid()}).ends_with("START TRANSACTION) MAP ROWS! XID"));
  Stream other(Flavor::mysql, "[defaults]\ntable = \"deny\"\n", false);
  CHECK(other.fed({make_gtid(), make_query("BEGIN"), make_query(create + " START TRANSACTION"), make_map(9, "kept"),
                   make_rows(9, true), make_xid()}) == "GTID QUERY(BEGIN) XID");
  Stream mariadb(Flavor::mariadb, kRules, false);
  CHECK(mariadb
            .fed({make_mariadb_gtid(0x28), make_query(create), make_map(9, "kept"), make_rows(9, true, false),
                  make_xid()})
            .ends_with(") MAP ROWS! XID"));
}

TEST_CASE("event_scrubber: savepoints and XA transactions keep together under other names", "[scrub_rules]") {
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

TEST_CASE("event_scrubber: savepoints of one transaction are unknown to the next", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_query("SAVEPOINT `a`"), make_xid()}).size() > 4);
  CHECK(stream.feed({make_gtid(), make_query("BEGIN"), make_query("ROLLBACK TO `a`")}));
}

TEST_CASE("event_scrubber: BEGIN and COMMIT say nothing but themselves", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN", "PII!"), make_query("COMMIT", "PII!")}) ==
        "GTID QUERY(BEGIN) QUERY(COMMIT)");
}

TEST_CASE("event_scrubber: stops at what it must not or cannot judge, and says so without a value", "[scrub_rules]") {
  const auto stopped = [](std::vector<PlainEvent> events, Flavor flavor = Flavor::mysql) {
    Stream stream(flavor);
    const auto error = stream.feed(events);
    if (!error) return std::string("passed: ") + stream.summary();
    CHECK(error->message().find("PII!") == std::string::npos);
    CHECK(error->event_type() == events.back().header.type_code);
    CHECK(stream.written_text().find("PII!") == std::string::npos);
    return std::string(error->what());
  };
  const auto gtid = make_gtid();
  const auto begin = make_query("BEGIN");
  CHECK(
      stopped({gtid, begin, make_query("INSERT INTO kept VALUES (1,'PII!')")}).starts_with("a statement changes data"));
  CHECK(stopped({gtid, begin, make_query("DELETE FROM other WHERE x='PII!'")}).starts_with("a statement changes data"));
  CHECK_FALSE(stopped({gtid, make_query("FROBNICATE 'PII!'")}).starts_with("passed"));
  INFO("an unknown type, unknown flags");
  CHECK(stopped({gtid, begin, make_event(static_cast<EventType>(99), "PII!")}) == "an event's type is not known");
  CHECK(stopped({gtid, begin, make_event(EventType::xid, kXid, 0x1000)}) ==
        "an event has header flags that are not known");
  INFO("events that hold others, and those that hold data");
  for (const EventType type : {EventType::query_compressed, EventType::incident, EventType::begin_load_query,
                               EventType::append_block, EventType::transaction_context, EventType::view_change,
                               EventType::write_rows_compressed_v1, EventType::partial_row_data}) {
    INFO(static_cast<int>(type));
    CHECK_FALSE(stopped({gtid, begin, make_event(type, std::string(40, '\0') + "PII!")}).starts_with("passed"));
  }
  CHECK(stopped({gtid, begin, make_event(EventType::xid, kXid + "PII!")}) == "an XID event has another size");
  INFO("a statement that failed half way");
  PlainEvent failed = make_query("DROP TABLE kept");
  failed.body[9] = 1;
  PlainEvent missing = make_query("DROP TABLE kept, nosuch");
  missing.body[9] = 0x1b;  // 1051: the others are gone
  missing.body[10] = 4;
  CHECK(stopped({gtid, missing}) == "passed: GTID QUERY(DROP TABLE IF EXISTS `d`.`kept`)");
  CHECK(stopped({gtid, failed}).starts_with("a statement failed"));
  failed = make_query("DROP USER u");
  failed.body[9] = 1;
  CHECK(stopped({gtid, failed}) == "passed: GTID QUERY(BEGIN) QUERY(COMMIT)");
  INFO("a status variable that is not known");
  PlainEvent query = make_query("BEGIN");
  query.body[11] = 2;
  query.body.insert(13, "\xc8x");
  CHECK_FALSE(stopped({gtid, query}).starts_with("passed"));
}

TEST_CASE("event_scrubber: variables and annotations before rows go without a trace", "[scrub_rules]") {
  Stream stream;
  CHECK(stream.fed({make_gtid(), make_query("BEGIN"), make_event(EventType::rows_query, "\1PII!"), make_map(9, "kept"),
                    make_rows(9, true), make_xid()}) == "GTID QUERY(BEGIN) MAP ROWS! XID");
  Stream mariadb(Flavor::mariadb);
  CHECK(mariadb.fed({make_mariadb_gtid(8), make_event(EventType::annotate_rows, "PII!"), make_map(9, "kept"),
                     make_rows(9, true, false), make_xid()}) == "GTID MAP ROWS! XID");
}

TEST_CASE("event_scrubber: an abandoned transaction leaves nothing behind", "[scrub_rules]") {
  Stream stream;
  REQUIRE_FALSE(stream.feed({make_gtid(), make_query("BEGIN"), make_map(9, "kept"), make_map(8, "other")}));
  stream.scrubber().abandon_transaction();
  INFO("nothing was written since, so no statement has to be ended");
  CHECK(stream.fed({make_map(8, "other"), make_rows(8, true)}).empty());
  INFO("the table map is void");
  CHECK(stream.feed(make_rows(9, true)));
}

TEST_CASE("event_scrubber: MySQL's GTID events say where the transaction's length is to be written", "[scrub_rules]") {
  Stream stream;
  const auto events = golden_events("my97-nopk.binlog");
  const auto gtid = std::ranges::find(events, EventType::gtid, &PlainEvent::type);
  REQUIRE(gtid != events.end());
  CHECK(stream.fed({*gtid, make_query("BEGIN"), make_xid()}) == "GTID QUERY(BEGIN) XID");
  CHECK(stream.written()[0].body.size() > gtid->body.size());
  Stream old;
  CHECK(old.fed({make_gtid(), make_query("BEGIN"), make_xid()}) == "GTID QUERY(BEGIN) XID");
  CHECK(old.written()[0].body == make_gtid().body);
}

TEST_CASE("event_scrubber: MariaDB's sequences do not leave, whatever their name", "[scrub_rules]") {
  const std::string rules = "[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n";
  Stream stream(Flavor::mariadb, rules, false);
  CHECK(stream.fed({make_mariadb_gtid(0x29), make_query("create sequence sq")}) == "GTID QUERY(# dropped)");
  REQUIRE(stream.history().find({"d", "sq"}) != nullptr);
  Stream golden(Flavor::mariadb, rules, false);
  REQUIRE_FALSE(golden.feed(golden_events("ma118-optmeta.binlog")));
  CHECK(golden.written_text().find(std::string("\2sq\0", 4)) == std::string::npos);
}

}  // namespace
}  // namespace relay::scrub_rules::testing
