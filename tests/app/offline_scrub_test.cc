#include "relay/app/offline_scrub.h"

#include <catch2/catch.hpp>

#include "tests/app/golden_files.h"

namespace relay::app::testing {
namespace {

const std::string kStripSecret =
    "[[table]]\nname = \"d.w\"\ncolumn_default = \"keep\"\n[table.columns]\nsecret = \"drop\"\n";

TEST_CASE("offline_scrub: a file with its CREATE TABLE needs no schema", "[app]") {
  for (const char* name : {"my97-strip-src.binlog", "my56-strip-src.binlog", "ma105-strip-src.binlog",
                           "ma1011-strip-src.binlog", "ma118-strip-src.binlog"}) {
    ScrubRun run(kStripSecret);
    run.add("archive/binlog.000001", golden_file(name));
    run.run();
    INFO(name << " " << run.message());
    REQUIRE(run.done);
    CHECK(run.report.transactions > 3);
    CHECK(run.output().find("SECRET") == std::string::npos);
    CHECK(
        run.output().starts_with("\xfe"
                                 "bin"));
    CHECK(golden_file(name).find("SECRET") != std::string::npos);
  }
}

TEST_CASE("offline_scrub: whole transactions before a halt are written, and the halt is told", "[app]") {
  ScrubRun run(kStripSecret);
  run.add("binlog.000001", golden_file("ma1011-statement-xa-ddl.binlog"));
  run.run();
  REQUIRE_FALSE(run.done);
  CHECK(run.report.halted);
  CHECK(run.report.file == "binlog.000001");
  CHECK(run.report.transaction_start > 4);
  CHECK_FALSE(run.report.gtid.empty());
  CHECK(run.output().size() > 4);
}

// The file up to before its first CREATE TABLE, and from behind it.
std::string without_create(const std::string& golden, std::string* create) {
  std::string kept = golden.substr(0, 4);
  bool skipped = false;
  std::string group;
  for (std::size_t at = 4; at < golden.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, golden.data() + at + 9, 4);
    const std::string event = golden.substr(at, size);
    const auto type = static_cast<std::uint8_t>(event[4]);
    at += size;
    if (type == 33 || type == 34 || type == 162) {
      kept += group;
      group.clear();
    }
    const std::size_t text = event.find("create table");
    if (!skipped && type == 2 && text != std::string::npos) {
      skipped = true;
      *create = event.substr(text, event.size() - text - 4);
      group.clear();
      continue;
    }
    group += event;
  }
  return kept + group;
}

TEST_CASE("offline_scrub: a table that the file does not create is taken from the schema text, and halts without it",
          "[app]") {
  for (const char* name : {"my97-strip-src.binlog", "ma1011-strip-src.binlog", "my56-strip-src.binlog"}) {
    INFO(name);
    std::string create;
    const std::string cut = without_create(golden_file(name), &create);
    REQUIRE_FALSE(create.empty());
    ScrubRun blind(kStripSecret);
    blind.add("binlog.000001", cut);
    blind.run();
    REQUIRE_FALSE(blind.done);
    CHECK(blind.report.halted);

    ScrubRun run(kStripSecret);
    run.add("binlog.000001", cut);
    run.files.set_content("schema.sql", "USE d;\n" + create + ";\n");
    run.request.schema_file = "schema.sql";
    run.run();
    INFO(run.message());
    CHECK(run.done);
    CHECK(run.report.schema == "schema.sql");
    CHECK(run.output().find("SECRET") == std::string::npos);
  }
}

TEST_CASE("offline_scrub: a schema that contradicts the file halts", "[app]") {
  std::string create;
  const std::string cut = without_create(golden_file("my97-strip-src.binlog"), &create);
  ScrubRun run(kStripSecret);
  run.add("binlog.000001", cut);
  run.files.set_content("schema.sql", "USE d;\nCREATE TABLE w (id INT, secret VARCHAR(10));\n");
  run.request.schema_file = "schema.sql";
  run.run();
  REQUIRE_FALSE(run.done);
  CHECK(run.report.halted);
  CHECK(run.done.error().kind() == base::ErrorKind::rule);
}

TEST_CASE("offline_scrub: files of one server follow each other", "[app]") {
  const std::string golden = golden_file("my97-strip-src.binlog");
  ScrubRun run(kStripSecret);
  run.add("binlog.000001", golden);
  run.add("binlog.000002", golden);
  run.run();
  REQUIRE_FALSE(run.done);
  CHECK(run.done.error().kind() == base::ErrorKind::configuration);
  CHECK(run.report.file == "binlog.000002");
}

TEST_CASE("offline_scrub: a folder that holds a spool is left alone", "[app]") {
  ScrubRun run(kStripSecret);
  run.add("binlog.000001", golden_file("my97-strip-src.binlog"));
  run.run();
  REQUIRE(run.done);
  const std::string first = run.output();
  run.run();
  REQUIRE_FALSE(run.done);
  CHECK(run.done.error().kind() == base::ErrorKind::configuration);
  CHECK(run.output() == first);
}

TEST_CASE("offline_scrub: encrypted files, and what is no binary log, are told as such", "[app]") {
  ScrubRun other(kStripSecret);
  other.add("binlog.000001", "SQL text");
  other.run();
  REQUIRE_FALSE(other.done);
  CHECK_FALSE(other.report.halted);

  std::string golden = golden_file("ma118-strip-src.binlog");
  std::uint32_t size = 0;
  std::memcpy(&size, golden.data() + 4 + 9, 4);
  std::string event = golden.substr(4, 19) + std::string(17, 'n');  // scheme, key version, nonce
  event[4] = static_cast<char>(164);
  const std::uint32_t length = 19 + 17 + 4;
  std::memcpy(event.data() + 9, &length, 4);
  const std::uint32_t sum = base::crc32(base::ByteView::of(event));
  event.append(reinterpret_cast<const char*>(&sum), 4);
  ScrubRun encrypted(kStripSecret);
  encrypted.add("binlog.000001", golden.substr(0, 4 + size) + event + std::string(2000, '\x5a'));
  encrypted.run();
  REQUIRE_FALSE(encrypted.done);
  CHECK(encrypted.done.error().what() == "the file is encrypted");
  CHECK_FALSE(encrypted.done.error().remedy().empty());
}

TEST_CASE("offline_scrub: a file cut anywhere gives whole transactions of the whole file's output and says where",
          "[app]") {
  const std::string golden = golden_file("my97-strip-src.binlog");
  ScrubRun whole(kStripSecret);
  whole.add("binlog.000001", golden);
  whole.run();
  REQUIRE(whole.done);
  for (std::size_t size = 0; size < golden.size(); size += 37) {
    ScrubRun run(kStripSecret);
    run.add("binlog.000001", golden.substr(0, size));
    run.run();
    CHECK_FALSE(run.report.halted);
    CHECK(run.report.transactions <= whole.report.transactions);
    if (run.files.names().size() > 1 && run.report.transactions > 0) {
      const std::string output = run.output();
      CHECK(whole.output().size() >= output.size());
      CHECK(whole.output().substr(200, output.size() - 200) == output.substr(200));
    }
  }
}

TEST_CASE("offline_scrub: a byte that flipped anywhere is found by its checksum", "[app]") {
  const std::string golden = golden_file("ma1011-strip-src.binlog");
  for (std::size_t at = 0; at < golden.size(); at += 29) {
    INFO(at);
    std::string bad = golden;
    bad[at] = static_cast<char>(bad[at] ^ 0x04);
    ScrubRun run(kStripSecret);
    run.add("binlog.000001", bad);
    run.run();
    CHECK_FALSE(run.done);
    CHECK_FALSE(run.report.halted);
  }
}

TEST_CASE("offline_scrub: the schema comes from the history that the relay keeps, where it holds the file", "[app]") {
  const std::string golden = golden_file("my97-strip-src.binlog");
  std::string create;
  const std::string cut = without_create(golden, &create);
  // A relay that knew the table before the file began: its spool is made by scrubbing with the schema.
  ScrubRun relay(kStripSecret);
  relay.add("binlog.000001", cut);
  relay.files.set_content("schema.sql", "USE d;\n" + create + ";\n");
  relay.request.schema_file = "schema.sql";
  relay.request.output = "spool";
  relay.run();
  REQUIRE(relay.done);
  const std::string history = relay.files.content("spool/schema.history");

  relay.request.schema_file.clear();
  relay.request.output = "out";
  relay.configuration.spool.directory = "spool";
  relay.run();
  INFO(relay.message());
  CHECK(relay.done);
  CHECK(relay.report.schema == "spool/schema.history");
  CHECK(relay.files.content("spool/schema.history") == history);
  CHECK(relay.files.content("out/spool.000001").size() == relay.files.content("spool/spool.000001").size());

  const std::string end = relay.files.content("spool/schema.history.end");
  std::string other = create;
  other.insert(other.find('(') + 1, "another INT, ");
  relay.files.set_content("schema.sql", "USE d;\n" + other + ";\n");
  relay.request.schema_file = "schema.sql";
  relay.request.output = "another";
  relay.run();
  relay.files.set_content("spool/schema.history", relay.files.content("another/schema.history"));
  relay.files.set_content("spool/schema.history.end", relay.files.content("another/schema.history.end"));
  relay.request.schema_file.clear();
  relay.request.output = "third";
  relay.run();
  INFO("another spool's history is not taken");
  CHECK(relay.report.schema.empty());
  CHECK_FALSE(relay.done);
  relay.files.set_content("spool/schema.history", history);
  relay.files.set_content("spool/schema.history.end", end);

  relay.request.files = {"binlog.000777"};
  relay.files.set_content("binlog.000777", cut);
  relay.request.output = "other";
  relay.run();
  REQUIRE_FALSE(relay.done);
  CHECK(relay.report.halted);
  CHECK(relay.report.schema.empty());
}

}  // namespace
}  // namespace relay::app::testing
