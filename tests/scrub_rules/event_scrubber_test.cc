#include <algorithm>

#include "tests/scrub_rules/kept_stream.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using binlog::EventType;
using binlog::Flavor;
using Stream = KeptStream;

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
