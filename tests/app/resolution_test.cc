#include "relay/app/resolution.h"

#include <catch2/catch.hpp>

#include "relay/spool/audit_check.h"
#include "tests/app/pipeline_tester.h"

namespace relay::app {
namespace {

using binlog::Flavor;
using testing::PipelineTester;
using Loss = relay::testing::FaultyFileSystem::Loss;
using Numbers = std::vector<std::uint64_t>;

constexpr spool::SyncPolicy kEach{spool::SyncPolicy::When::transaction, {}};
constexpr spool::SyncPolicy kNever{spool::SyncPolicy::When::never, {}};

// Plays up to the halt and decides about the transaction that it halted at.
Resolution halt_and_resolve(PipelineTester& relay, const std::string& replacement = {}) {
  REQUIRE(relay.open());
  REQUIRE_FALSE(relay.play());
  Resolution resolution{"0123", relay.transaction(), replacement, "alice", 1000, "2026-01-31T12:00:00Z"};
  relay.close();
  REQUIRE(write_resolution(relay.files, PipelineTester::kDirectory, resolution));
  return resolution;
}

void go_on(PipelineTester& relay) {
  const auto opened = relay.open();
  INFO((opened ? "" : opened.error().message()));
  REQUIRE(opened);
  const auto played = relay.play();
  INFO((played ? "" : played.error().message()));
  REQUIRE(played);
}

TEST_CASE("resolution: both files are read as they were written, and are not there before", "[app]") {
  relay::testing::FaultyFileSystem files;
  REQUIRE(files.create_directory("spool"));
  REQUIRE(!*read_halt_note(files, "spool"));
  REQUIRE(!*read_resolution(files, "spool"));
  const TransactionName name{"uuid", {"binlog.000007", 5'000'000'000}, "uuid:17"};
  const HaltNote note{name, true, "reason", {Flavor::mariadb, true}, 101119, {3, 77}};
  const Resolution resolution{"id", name, "ALTER TABLE d.t ADD x INT", "alice", 1000, "2026-01-31T12:00:00Z"};
  REQUIRE(write_halt_note(files, "spool", note));
  REQUIRE(write_resolution(files, "spool", resolution));
  CHECK(*read_halt_note(files, "spool") == note);
  CHECK(*read_resolution(files, "spool") == resolution);
  REQUIRE(remove_resolution(files, "spool"));
  REQUIRE(remove_resolution(files, "spool"));
  CHECK(!*read_resolution(files, "spool"));
  Resolution latin1 = resolution;
  latin1.replacement = "ALTER TABLE d.t ADD \xf8 INT";
  CHECK(write_resolution(files, "spool", latin1).error().kind() == base::ErrorKind::configuration);
  CHECK(!*read_resolution(files, "spool"));
  files.set_content("spool/halt.json", "{\"transaction\":1}");
  CHECK(read_halt_note(files, "spool").error().kind() == base::ErrorKind::malformed);
}

TEST_CASE("resolution: each is recorded, whatever its id: a used one, or none", "[app]") {
  for (const std::string id : {"0123", ""}) {
    PipelineTester relay("Ftsts", Flavor::mysql);
    static_cast<void>(halt_and_resolve(relay));
    REQUIRE(relay.open());
    REQUIRE_FALSE(relay.play());  // past the first, up to the second
    const Resolution made_up{id, relay.transaction(), {}, "alice", 1000, "2026-01-31T12:00:00Z"};
    relay.close();
    REQUIRE(write_resolution(relay.files, PipelineTester::kDirectory, made_up));
    go_on(relay);
    CHECK(relay.replica() == Numbers{1, 2, 3, 4});
    CHECK(relay.audit_entries("resolved") == 2);
  }
}

TEST_CASE("resolution: the transaction that stopped the stream is passed over and its GTID arrives", "[app]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    for (const std::string log : {"Ftstt", "Fttsut", "FtFsFt"}) {
      if (log.find('u') != std::string::npos) continue;
      PipelineTester relay(log, flavor);
      const Resolution resolution = halt_and_resolve(relay);
      const auto halting = log.begin() + static_cast<std::ptrdiff_t>(log.find('s'));
      CHECK(resolution.transaction.gtid.ends_with(
          std::to_string(halting - log.begin() - std::count(log.begin(), halting, 'F') + 1)));
      go_on(relay);
      Numbers all;
      for (const char letter : log) {
        if (letter != 'F') all.push_back(all.size() + 1);
      }
      CHECK(relay.replica() == all);
      CHECK(relay.statements().find("secret") == std::string::npos);
      CHECK(relay.audit_entries("resolved") == 1);
      CHECK(!*read_resolution(relay.files, PipelineTester::kDirectory));
    }
  }
}

TEST_CASE("resolution: an event type of the future is passed over with the transaction around it", "[app]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    PipelineTester relay("Ftu", flavor);
    halt_and_resolve(relay);
    go_on(relay);
    CHECK(relay.replica() == Numbers{1, 2});
    // What such an event did to a table is not known.
    CHECK(relay.history().find({"d", "t"})->unverified);
  }
}

TEST_CASE("resolution: no other transaction is passed over", "[app]") {
  PipelineTester relay("Ftst", Flavor::mysql);
  Resolution resolution = halt_and_resolve(relay);
  SECTION("another GTID") { resolution.transaction.gtid.back() = '9'; }
  SECTION("another place") { ++resolution.transaction.start.offset; }
  SECTION("another file") { resolution.transaction.start.file = "binlog.9"; }
  SECTION("another source") { resolution.transaction.source_id = "another"; }
  REQUIRE(write_resolution(relay.files, PipelineTester::kDirectory, resolution));
  REQUIRE(relay.open());
  const auto played = relay.play();
  REQUIRE_FALSE(played);
  CHECK(played.error().kind() == base::ErrorKind::rule);
  CHECK(relay.replica() == Numbers{1});
  CHECK(relay.audit_entries("resolved") == 0);
}

TEST_CASE("resolution: it is used once", "[app]") {
  PipelineTester relay("Ftsts", Flavor::mysql);
  halt_and_resolve(relay);
  REQUIRE(relay.open());
  REQUIRE_FALSE(relay.play());
  CHECK(relay.replica() == Numbers{1, 2, 3});
  CHECK(relay.transaction().gtid.ends_with(":4"));
}

TEST_CASE("resolution: a statement goes in the transaction's place and into the schema history", "[app]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    PipelineTester relay("Fta", flavor);
    halt_and_resolve(relay, "ALTER TABLE d.t ADD COLUMN x INT");
    go_on(relay);
    CHECK(relay.replica() == Numbers{1, 2});
    CHECK(relay.statements().find("ALTER TABLE") != std::string::npos);
    CHECK(relay.statements().find("UNHEARD") == std::string::npos);
    const sql::TableDefinition* const table = relay.history().find({"d", "t"});
    REQUIRE(table->columns.size() == 2);
    CHECK_FALSE(table->unverified);
  }
}

TEST_CASE("resolution: a statement that says nothing of a table's columns leaves it in question", "[app]") {
  for (const char* statement : {"TRUNCATE TABLE d.t", "ALTER TABLE d.t COMMENT 'x'", "CREATE INDEX i ON d.t (c(5))",
                                "CREATE TABLE IF NOT EXISTS d.t (c INT)"}) {
    INFO(statement);
    PipelineTester relay("Fta", Flavor::mariadb);
    halt_and_resolve(relay, statement);
    go_on(relay);
    CHECK(relay.history().find({"d", "t"})->unverified);
  }
}

TEST_CASE("resolution: a statement that nobody could read leaves its tables in question", "[app]") {
  PipelineTester relay("Ftat", Flavor::mysql);
  halt_and_resolve(relay);
  REQUIRE(relay.open());
  // The next rows have no column names with them.
  const auto played = relay.play();
  REQUIRE_FALSE(played);
  CHECK(played.error().kind() == base::ErrorKind::rule);
  CHECK(relay.history().find({"d", "t"})->unverified);
  CHECK(relay.replica() == Numbers{1, 2});
}

TEST_CASE("resolution: a statement that changes rows, or names no database, does not go in a transaction's place",
          "[app]") {
  for (const std::string statement :
       {"DELETE FROM d.t", "ALTER TABLE t ADD x INT", "COMMIT", "ALTER TABLE d.t ADD x INT; DROP TABLE d.t"}) {
    PipelineTester relay("Fts", Flavor::mysql);
    halt_and_resolve(relay, statement);
    REQUIRE(relay.open());
    const auto played = relay.play();
    INFO(statement);
    REQUIRE_FALSE(played);
    CHECK(relay.replica() == Numbers{1});
    CHECK(relay.audit_entries("resolved") == 0);
  }
}

// What it says would be taken for what the table at the source is, and that table has values that do not leave.
TEST_CASE("resolution: a statement about another table or database than the transaction's does not go in its place",
          "[app]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    for (const std::string statement :
         {"CREATE TABLE d.other (a INT)", "CREATE DATABASE elsewhere", "DROP TABLE d.t, d.other",
          "RENAME TABLE d.t TO d.other", "CREATE TABLE d.t LIKE d.other", "ALTER TABLE elsewhere.t ADD x INT"}) {
      PipelineTester relay("Fta", flavor);
      halt_and_resolve(relay, statement);
      REQUIRE(relay.open());
      const auto played = relay.play();
      INFO(statement);
      REQUIRE_FALSE(played);
      CHECK(played.error().kind() == base::ErrorKind::unsupported);
      CHECK(relay.replica() == Numbers{1});
      CHECK(relay.audit_entries("resolved") == 0);
    }
  }
}

// Literals of a statement that nobody judged against rows: they leave only where the statement writer writes them.
TEST_CASE("resolution: comments of a statement do not leave with it", "[app]") {
  PipelineTester relay("Fta", Flavor::mysql);
  halt_and_resolve(
      relay, "ALTER TABLE d.t /* a secret */ ADD COLUMN x INT COMMENT 'a secret', COMMENT='a secret' -- a secret");
  go_on(relay);
  CHECK(relay.statements().find("ALTER TABLE") != std::string::npos);
  CHECK(relay.statements().find("secret") == std::string::npos);
}

TEST_CASE("resolution: what was announced and did not happen is told again when it does", "[app]") {
  PipelineTester relay("Fts", Flavor::mysql);
  const Resolution resolution = halt_and_resolve(relay);
  const auto record = spool::AuditRecord::open(relay.files, PipelineTester::kDirectory);
  REQUIRE(record);
  Audit audit(**record);
  REQUIRE(audit.resolved(resolution));
  REQUIRE(audit.resolved(resolution));
  CHECK(relay.audit_entries("resolved") == 1);
  REQUIRE(audit.resolution_void(resolution, "the egress check refused it"));
  REQUIRE(audit.resolved(resolution));
  CHECK(relay.audit_entries("resolution void") == 1);
  CHECK(relay.audit_entries("resolved") == 2);
}

// The statement that changes rows left the table as it is: its columns would be taken for others.
TEST_CASE("resolution: no change of a table goes in the place of a change of its rows", "[app]") {
  PipelineTester relay("Fts", Flavor::mysql);
  halt_and_resolve(relay, "ALTER TABLE d.t ADD COLUMN x INT FIRST");
  REQUIRE(relay.open());
  const auto played = relay.play();
  REQUIRE_FALSE(played);
  CHECK(played.error().kind() == base::ErrorKind::unsupported);
  CHECK(relay.replica() == Numbers{1});
}

// Killed in each call in turn while the resolution is carried out; the number of calls that were tried.
std::uint64_t crash_everywhere(Flavor flavor, spool::SyncPolicy policy, Loss loss, bool done,
                               const std::string& replacement) {
  for (std::uint64_t call = 1;; ++call) {
    PipelineTester relay(replacement.empty() ? "FtstFt" : "FtatFt", flavor, policy);
    halt_and_resolve(relay, replacement);
    relay.files.crash_at(relay.files.calls() + call, done);
    const bool played = relay.open() && relay.play();
    if (!relay.files.crashed()) return call;
    INFO("crash in call " << call << (done ? ", done" : ", half done"));
    REQUIRE_FALSE(played);
    relay.close();
    relay.files.restart(loss, static_cast<std::uint32_t>(call));
    go_on(relay);
    CHECK(relay.replica() == Numbers{1, 2, 3, 4});
    CHECK(relay.audit_entries("resolved") == 1);
    relay.close();
    const auto check = spool::check_audit_record(relay.files, PipelineTester::kDirectory);
    REQUIRE(check);
    for (const auto& fault : check->faults) FAIL(fault.what);
    // Whether or not the request was removed: it names nothing that will come again.
    go_on(relay);
    CHECK(relay.replica() == Numbers{1, 2, 3, 4});
  }
}

TEST_CASE("resolution: killed in any call, the transaction is passed over once and nothing is lost or doubled",
          "[app]") {
  for (const bool done : {false, true}) {
    for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb})
      CHECK(crash_everywhere(flavor, kNever, Loss::nothing, done, "") > 40);
    CHECK(crash_everywhere(Flavor::mysql, kEach, Loss::unsynced, done, "") > 40);
    CHECK(crash_everywhere(Flavor::mariadb, kEach, Loss::some, done, "ALTER TABLE d.t MODIFY COLUMN c LONGBLOB") > 40);
  }
}

}  // namespace
}  // namespace relay::app
