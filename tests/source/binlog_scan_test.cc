#include "relay/source/binlog_scan.h"

#include <catch2/catch.hpp>

#include "relay/source/baseline.h"
#include "tests/source/event_builder.h"
#include "tests/source/golden_events.h"

namespace relay::source::testing {

namespace {

using binlog::ChecksumAlgorithm;
using binlog::EventType;

base::Result<void> run(BinlogScan& scan, std::vector<Bytes> events,
                       ChecksumAlgorithm checksum = ChecksumAlgorithm::crc32) {
  ListedEvents source(std::move(events));
  SourceStream stream(source, checksum);
  for (;;) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) return {};
    RELAY_TRY(scan.add(*item));
  }
}

// A QUERY event of `database`, without status variables.
Bytes query(const std::string& database, const std::string& text, const std::string& status = "") {
  EventFields fields;
  fields.body = little_endian(1, 4) + little_endian(0, 4) + little_endian(database.size(), 1) + little_endian(0, 2) +
                little_endian(status.size(), 2) + status + database + '\0' + text;
  return build_event(fields, false);
}

TouchedTables touched_by(const std::vector<Bytes>& queries, bool fold_case = false) {
  std::vector<Bytes> events = {
      build_event({EventType::rotate, 0, 0, binlog::kFlagArtificial, rotate_body(4, "b.1")}, false),
      build_format("9.7.4", false, 125)};
  events.insert(events.end(), queries.begin(), queries.end());
  BinlogScan scan(fold_case);
  REQUIRE(run(scan, events, ChecksumAlgorithm::none));
  return scan.touched();
}

}  // namespace

TEST_CASE("binlog_scan: the tables that a file's DDL made are touched, others are not", "[source]") {
  const std::pair<const char*, const char*> files[] = {{"my97-strip-src.binlog", "w"},
                                                       {"my56-strip-src.binlog", "w"},
                                                       {"ma1011-strip-src.binlog", "w"},
                                                       {"ma118-strip-src.binlog", "w"}};
  for (const auto& [file, table] : files) {
    INFO(file);
    BinlogScan scan(false);
    REQUIRE(run(scan, golden_events(file)));
    CHECK(scan.touched().contains({"d", table}));
    CHECK_FALSE(scan.touched().contains({"d", "never_made"}));
    CHECK(scan.touched().contains_character_set_of("d"));
    CHECK_FALSE(scan.touched().contains_character_set_of("other"));
  }
}

TEST_CASE("binlog_scan: every golden file can be scanned", "[source]") {
  for (const char* file :
       {"my97-compressed.binlog", "ma1011-compress.binlog", "my97-ddl-xa-tag.binlog", "ma1011-statement-xa-ddl.binlog",
        "ma118-statement-xa-ddl.binlog", "my56-statement-xa.binlog", "my97-users-tag.binlog"}) {
    INFO(file);
    BinlogScan scan(false);
    CHECK(run(scan, golden_events(file)));
    CHECK_FALSE(scan.touched().empty());
  }
}

TEST_CASE("binlog_scan: GTIDs before the start are noted, DDL before it is not", "[source]") {
  const std::vector<Bytes> events = golden_events("my97-strip-src.binlog");
  // The file's end: everything lies before it.
  ListedEvents whole(events);
  SourceStream stream(whole, ChecksumAlgorithm::crc32);
  binlog::StreamState state;
  std::vector<std::uint64_t> borders, inside;
  binlog::MysqlGtidSet expected;
  for (auto item = stream.next(); item && *item; item = stream.next()) {
    const auto step = state.advance((*item)->event);
    REQUIRE(step);
    if (step->ends_transaction) {
      borders.push_back((*item)->end_offset);
      if (state.mysql_gtid() && !state.mysql_gtid()->anonymous) expected.add(state.mysql_gtid()->gtid);
    } else if (state.place() != binlog::StreamState::Place::between_transactions) {
      inside.push_back((*item)->end_offset);
    }
  }
  REQUIRE(borders.size() > 3);
  REQUIRE_FALSE(expected.empty());
  BinlogScan all(false, "my97-strip-src.binlog", borders.back());
  static_cast<void>(run(all, events));
  CHECK(all.mysql_gtids().text() == expected.text());
  CHECK_FALSE(all.is_before_start());
  CHECK(all.touched().empty());
  BinlogScan none(false, "my97-strip-src.binlog", borders.front());
  REQUIRE(run(none, events));
  CHECK(none.mysql_gtids().text() != expected.text());
  CHECK(none.touched().contains({"d", "w"}));
  REQUIRE_FALSE(inside.empty());
  for (const std::uint64_t place : {inside.front(), inside.back(), borders[1] + 1}) {
    INFO(place);
    BinlogScan wrong(false, "my97-strip-src.binlog", place);
    const auto result = run(wrong, events);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == base::ErrorKind::rule);
  }
}

TEST_CASE("binlog_scan: what a statement touches", "[source]") {
  const TouchedTables renamed = touched_by({query("d", "RENAME TABLE a TO b, e.c TO d.f")});
  for (const char* table : {"a", "b", "f"}) CHECK(renamed.contains({"d", table}));
  CHECK(renamed.contains({"e", "c"}));
  CHECK_FALSE(renamed.contains({"d", "c"}));
  CHECK(touched_by({query("d", "BEGIN"), query("", "COMMIT"), query("d", "CREATE USER u IDENTIFIED BY 'x'")}).empty());
  CHECK(touched_by({query("d", "DROP DATABASE d")}).contains({"d", "anything"}));
  CHECK_FALSE(touched_by({query("", "CREATE DATABASE d")}).contains({"d", "anything"}));
  CHECK(touched_by({query("", "ALTER DATABASE d CHARACTER SET utf8mb4")}).contains_character_set_of("d"));
}

TEST_CASE("binlog_scan: CREATE TABLE IF NOT EXISTS touches what it made, not what was there", "[source]") {
  sql::TableDefinition table;
  table.database = "d";
  table.table = "t";
  for (const char* column : {"b", "a"}) table.columns.emplace_back().name = column;
  const auto touches = [&table](const std::string& statement, const std::string& status = "") {
    return touched_by({query("d", statement, status)}).touches(table);
  };
  const std::string ddl_number("\x11\5\0\0\0\0\0\0\0", 9);
  CHECK(touches("CREATE TABLE t (a INT, b INT)"));
  CHECK(touches("CREATE TABLE IF NOT EXISTS t (a INT, b INT)", ddl_number));
  CHECK_FALSE(touches("CREATE TABLE IF NOT EXISTS t (b INT, a INT)"));
  CHECK_FALSE(touches("CREATE TABLE IF NOT EXISTS t LIKE u"));
  INFO("of other engines the server does not tell: then the columns do");
  CHECK(touches("CREATE TABLE IF NOT EXISTS t (B INT, a INT) ENGINE=MyISAM"));
  CHECK_FALSE(touches("CREATE TABLE IF NOT EXISTS t (a INT, b INT) ENGINE=MyISAM"));
  CHECK(touched_by({query("d", "CREATE TABLE IF NOT EXISTS t (a INT, b INT) ENGINE=MyISAM"),
                    query("d", "ALTER TABLE t ADD c INT")})
            .touches(table));
}

TEST_CASE("binlog_scan: what cannot be read may touch any table", "[source]") {
  const TouchedTables unread = touched_by({query("d", "ALTER TABLE e.a FROBNICATE")});
  CHECK(unread.contains({"d", "z"}));
  CHECK(unread.contains({"e", "a"}));
  CHECK(touched_by({query("", "FROBNICATE TABLE a")}).contains({"e", "a"}));
  const std::string unknown_status("\x7f", 1);
  CHECK(touched_by({query("d", "ALTER TABLE x ADD y INT", unknown_status)}).contains({"d", "other"}));
}

TEST_CASE("binlog_scan: names are folded where the source folds them", "[source]") {
  CHECK(touched_by({query("D", "ALTER TABLE Shop.Customers ADD y INT")}, true).contains({"shop", "customers"}));
  CHECK(touched_by({query("D", "FROBNICATE")}, true).contains({"d", "x"}));
  CHECK_FALSE(touched_by({query("D", "ALTER TABLE Shop.Customers ADD y INT")}, false).contains({"shop", "customers"}));
}

TEST_CASE("baseline: touched tables and character sets are left out", "[source]") {
  SourceSchema schema;
  for (const char* table : {"a", "b", "c"}) {
    sql::TableDefinition definition;
    definition.database = "d";
    definition.table = table;
    schema.tables.push_back(definition);
  }
  schema.database_character_sets = {{"d", {"latin1", ""}}, {"e", {"utf8mb4", ""}}};
  TouchedTables touched;
  touched.add_table({"d", "b"});
  touched.add_character_set_of("e");
  const auto left_out = leave_out_touched(schema, touched);
  REQUIRE(left_out.size() == 1);
  CHECK(left_out[0].table == "b");
  CHECK(schema.tables.size() == 2);
  CHECK(schema.database_character_sets.count("d") == 1);
  CHECK(schema.database_character_sets.count("e") == 0);
  touched.add_everything();
  CHECK(leave_out_touched(schema, touched).size() == 2);
  CHECK(schema.tables.empty());
}

}  // namespace relay::source::testing
