#include "relay/source/change_scan.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/source/event_builder.h"
#include "tests/source/golden_events.h"

namespace relay::source::testing {

namespace {

using binlog::ChecksumAlgorithm;
using binlog::EventType;

constexpr std::uint32_t kServerStart = 1'700'000'001;

Bytes plain_event(EventType type, const std::string& body = "", std::uint16_t flags = 0) {
  return build_event({type, 1'700'000'000, 0, flags, body}, false);
}

Bytes artificial_rotate(const std::string& file) {
  return build_event({EventType::rotate, 0, 0, binlog::kFlagArtificial, rotate_body(4, file)}, false);
}

Bytes logged_query(const std::string& database, const std::string& text, const std::string& status = "") {
  return plain_event(EventType::query, little_endian(1, 4) + little_endian(0, 4) + little_endian(database.size(), 1) +
                                           little_endian(0, 2) + little_endian(status.size(), 2) + status + database +
                                           '\0' + text);
}

// Of a table with one column of INT.
Bytes table_map(std::uint64_t id, const std::string& database, const std::string& table) {
  return plain_event(EventType::table_map,
                     little_endian(id, 6) + little_endian(1, 2) + little_endian(database.size(), 1) + database + '\0' +
                         little_endian(table.size(), 1) + table + '\0' + "\x01\x03" + std::string("\0\0", 2));
}

// One row that was written.
Bytes rows_of(std::uint64_t id) {
  return plain_event(EventType::write_rows_v2, little_endian(id, 6) + little_endian(1, 2) + little_endian(2, 2) +
                                                   "\x01\xff" + std::string(1, '\0') + little_endian(7, 4));
}

Bytes format_event(const std::string& version = "9.7.4", std::uint32_t created = 0) {
  Bytes event = build_format(version, false, 125);
  std::memcpy(event.data() + binlog::kEventHeaderSize + 52, &created, sizeof created);
  const std::uint32_t crc = base::crc32({event.data(), event.size() - binlog::kChecksumSize});
  std::memcpy(event.data() + event.size() - binlog::kChecksumSize, &crc, sizeof crc);
  return event;
}

ChangeScan scan_events(std::vector<Bytes> events, bool fold_case = false,
                       ChecksumAlgorithm checksum = ChecksumAlgorithm::none) {
  ChangeScan scan(fold_case);
  ListedEvents source(std::move(events));
  SourceStream stream(source, checksum);
  for (;;) {
    const auto item = stream.next();
    REQUIRE(item);
    if (!*item) return scan;
    scan.add(**item);
  }
}

// Of events of one file, behind its head.
ChangeScan scan_file(const std::vector<Bytes>& events, bool fold_case = false) {
  std::vector<Bytes> all = {artificial_rotate("b.1"), format_event()};
  all.insert(all.end(), events.begin(), events.end());
  return scan_events(std::move(all), fold_case);
}

ChangeScan scan_golden(const std::string& file, const std::vector<EventType>& left_out = {}) {
  std::vector<Bytes> events = golden_events(file);
  std::erase_if(events, [&](const Bytes& event) {
    const auto type = binlog::decode_event_header({event.data(), event.size()}).type();
    return std::ranges::find(left_out, type) != left_out.end();
  });
  return scan_events(std::move(events), false, ChecksumAlgorithm::crc32);
}

std::string why(const ChangeScan& scan) { return scan.why_all() ? std::string(scan.why_all()->text()) : ""; }

bool changes_all(const ChangeScan& scan) {
  CHECK(scan.changed({"no", "such"}) == scan.why_all().has_value());
  return scan.why_all().has_value();
}

}  // namespace

TEST_CASE("change_scan: tables with rows are changed, others are not", "[source]") {
  const ChangeScan scan = scan_file({logged_query("d", "BEGIN"), table_map(7, "d", "a"), rows_of(7),
                                     plain_event(EventType::xid, little_endian(1, 8)), logged_query("d", "BEGIN"),
                                     table_map(8, "e", "b"), rows_of(8), logged_query("d", "COMMIT")});
  CHECK(scan.changed({"d", "a"}));
  CHECK(scan.changed({"e", "b"}));
  CHECK_FALSE(scan.changed({"d", "b"}));
  CHECK_FALSE(changes_all(scan));
  CHECK(scan.first_file_made() == 1'700'000'000);
}

TEST_CASE("change_scan: rows of a table that was not named may be of any", "[source]") {
  CHECK(changes_all(scan_file({logged_query("d", "BEGIN"), rows_of(7)})));
  CHECK(changes_all(scan_file({table_map(7, "d", "a"), rows_of(7), logged_query("d", "COMMIT"), rows_of(7)})));
  CHECK(changes_all(scan_file({table_map(7, "d", "a"), rows_of(8)})));
}

TEST_CASE("change_scan: DDL changes the tables that it names, on both sides", "[source]") {
  const ChangeScan scan =
      scan_file({logged_query("d", "TRUNCATE TABLE a"), logged_query("d", "ALTER TABLE e.b ADD y INT"),
                 logged_query("d", "RENAME TABLE c TO f"), logged_query("d", "DROP TABLE IF EXISTS g, e.h"),
                 logged_query("d", "ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE q"),
                 logged_query("d", "CREATE INDEX i ON r (x)"), logged_query("d", "ALTER TABLE s RENAME TO t"),
                 logged_query("d", "CREATE TABLE u (a INT)"), logged_query("d", "CREATE USER x IDENTIFIED BY 'y'"),
                 logged_query("d", "ANALYZE TABLE z")});
  for (const char* table : {"a", "c", "f", "g", "p", "q", "r", "s", "t", "u"}) {
    INFO(table);
    CHECK(scan.changed({"d", table}));
  }
  CHECK(scan.changed({"e", "b"}));
  CHECK(scan.changed({"e", "h"}));
  CHECK_FALSE(scan.changed({"d", "b"}));
  CHECK_FALSE(changes_all(scan));
}

TEST_CASE("change_scan: a database that is dropped takes its tables along", "[source]") {
  const ChangeScan scan = scan_file({logged_query("", "DROP DATABASE d"), logged_query("", "CREATE DATABASE e"),
                                     logged_query("", "ALTER DATABASE f CHARACTER SET utf8mb4")});
  CHECK(scan.changed({"d", "any"}));
  CHECK_FALSE(scan.changed({"e", "any"}));
  CHECK_FALSE(scan.changed({"f", "any"}));
}

TEST_CASE("change_scan: what is not understood may have changed everything", "[source]") {
  CHECK(changes_all(scan_file({logged_query("d", "UPDATE a SET x = 1")})));
  CHECK(changes_all(scan_file({logged_query("d", "CREATE TABLE b SELECT * FROM a")})));
  CHECK(changes_all(scan_file({logged_query("d", "FROBNICATE")})));
  CHECK(changes_all(scan_file({logged_query("d", "ALTER TABLE a FROBNICATE")})));
  CHECK(changes_all(scan_file({logged_query("d", "TRUNCATE TABLE a", std::string("\x7f", 1))})));
  for (const EventType type :
       {EventType::incident, EventType::begin_load_query, EventType::append_block, EventType::execute_load_query,
        EventType::delete_file, EventType::partial_row_data, EventType::ignorable, EventType::pre_ga_write_rows}) {
    INFO(static_cast<int>(type));
    CHECK(changes_all(scan_file({plain_event(type, std::string(30, '\0'))})));
  }
  CHECK(changes_all(scan_file({plain_event(static_cast<EventType>(200), "", binlog::kFlagIgnorable)})));
  CHECK(changes_all(scan_file({plain_event(EventType::transaction_payload, "no payload")})));
  CHECK(changes_all(scan_file({plain_event(EventType::query_compressed, "none")})));
  CHECK(changes_all(scan_file({plain_event(EventType::table_map, "short")})));
}

TEST_CASE("change_scan: an XA transaction counts where its rows are, and everything where they are not", "[source]") {
  const std::string name = "X'61',X'',1";
  CHECK_FALSE(changes_all(scan_file({logged_query("d", "XA START " + name), table_map(7, "d", "a"), rows_of(7),
                                     logged_query("d", "XA END " + name), plain_event(EventType::xa_prepare, "x"),
                                     logged_query("d", "XA COMMIT " + name)})));
  CHECK(changes_all(scan_file({logged_query("d", "XA COMMIT " + name)})));
  CHECK(changes_all(scan_file({logged_query("d", "XA START X'62',X'',1"), logged_query("d", "XA COMMIT " + name)})));
  CHECK_FALSE(changes_all(scan_file({logged_query("d", "XA ROLLBACK " + name)})));
}

TEST_CASE("change_scan: a server that was shut down or began another file is followed, one that was not is not",
          "[source]") {
  const auto two_files = [](const std::vector<Bytes>& end, std::uint32_t created,
                            const std::string& version = "9.7.4") {
    std::vector<Bytes> events = {artificial_rotate("b.1"), format_event()};
    events.insert(events.end(), end.begin(), end.end());
    for (const Bytes& event :
         {artificial_rotate("b.2"), format_event(version, created), table_map(7, "d", "a"), rows_of(7)}) {
      events.push_back(event);
    }
    return scan_events(std::move(events));
  };
  const Bytes rotate = plain_event(EventType::rotate, rotate_body(4, "b.2"));
  const Bytes stop = plain_event(EventType::stop);
  const Bytes last = logged_query("d", "COMMIT");
  const ChangeScan stopped = two_files({last, stop}, kServerStart);
  CHECK(why(stopped).empty());
  CHECK(stopped.changed({"d", "a"}));
  CHECK(stopped.first_file_made() == 1'700'000'000);
  CHECK_FALSE(changes_all(two_files({last, rotate}, 0)));
  CHECK(changes_all(two_files({last}, kServerStart)));
  CHECK(changes_all(two_files({}, kServerStart)));
  CHECK(changes_all(two_files({stop, last}, kServerStart)));
  // It wrote the end of its file, and was killed before it had another.
  CHECK(changes_all(two_files({last, rotate}, kServerStart)));
  CHECK(changes_all(two_files({last, stop}, kServerStart, "9.7.5")));
}

TEST_CASE("change_scan: another stream goes on in the same file, and in no other of its name", "[source]") {
  const auto go_on = [](std::uint32_t made) {
    Bytes format = format_event();
    std::memcpy(format.data(), &made, sizeof made);
    const std::uint32_t crc = base::crc32({format.data(), format.size() - binlog::kChecksumSize});
    std::memcpy(format.data() + format.size() - binlog::kChecksumSize, &crc, sizeof crc);
    return scan_events({artificial_rotate("b.1"), format_event(), table_map(7, "d", "a"), rows_of(7),
                        logged_query("d", "COMMIT"), artificial_rotate("b.1"), format, table_map(8, "d", "b"),
                        rows_of(8)});
  };
  const ChangeScan same = go_on(1'700'000'000);
  CHECK_FALSE(changes_all(same));
  CHECK(same.changed({"d", "a"}));
  CHECK(same.changed({"d", "b"}));
  CHECK(changes_all(go_on(1'700'000'060)));
}

TEST_CASE("change_scan: names are folded where the source folds them", "[source]") {
  const std::vector<Bytes> events = {table_map(7, "Shop", "Orders"), logged_query("D", "TRUNCATE TABLE Lines")};
  const ChangeScan folded = scan_file(events, true);
  CHECK(folded.changed({"shop", "orders"}));
  CHECK(folded.changed({"d", "lines"}));
  const ChangeScan plain = scan_file(events);
  CHECK_FALSE(plain.changed({"shop", "orders"}));
  CHECK(plain.changed({"Shop", "Orders"}));
}

TEST_CASE("change_scan: compressed transactions and events are looked into", "[source]") {
  for (const char* file : {"my97-compressed.binlog", "ma1011-compress.binlog"}) {
    const ChangeScan scan = scan_golden(file, {EventType::query, EventType::query_compressed});
    INFO(file << ": " << why(scan));
    CHECK_FALSE(changes_all(scan));
    CHECK(scan.changed({"d", "c"}));
  }
  // It has a statement that changes rows.
  CHECK(changes_all(scan_golden("ma1011-compress.binlog", {EventType::query})));
}

TEST_CASE("change_scan: rows of every kind are seen in what servers write", "[source]") {
  const std::pair<const char*, const char*> files[] = {{"my97-strip-src.binlog", "w"},
                                                       {"my56-strip-src.binlog", "w"},
                                                       {"ma1011-strip-src.binlog", "w"},
                                                       {"ma118-strip-src.binlog", "w"}};
  for (const auto& [file, table] : files) {
    const ChangeScan scan = scan_golden(file, {EventType::query});
    INFO(file << ": " << why(scan));
    CHECK_FALSE(changes_all(scan));
    CHECK(scan.changed({"d", table}));
  }
}

TEST_CASE("change_scan: statements that change rows are seen in what servers write", "[source]") {
  for (const char* file : {"my97-statement.binlog", "my56-statement-xa.binlog", "ma1011-statement-xa-ddl.binlog",
                           "ma118-loaddata.binlog", "my56-loaddata.binlog", "my97-loaddata.binlog"}) {
    INFO(file);
    CHECK(changes_all(scan_golden(file)));
  }
}

}  // namespace relay::source::testing
