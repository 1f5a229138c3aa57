#include "relay/app/egress.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "relay/binlog/query_event.h"
#include "tests/app/golden_files.h"

namespace relay::app::testing {
namespace {

const char* const kRules[] = {
    "[defaults]\ntable = \"deny\"\n",
    "[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n",
    "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
    "secret = { action = \"drop\", optional = true }\na = { action = \"drop\", optional = true }\n",
    "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
    "secret = { action = \"null\", optional = true }\nv = { action = \"null\", optional = true }\n"
    "b = { action = \"null\", optional = true }\nn = { action = \"constant\", value = 7, optional = true }\n"
    "name = { action = \"constant\", value = \"x\", optional = true }\n",
    "[[table]]\nname = \"d.*\"\ncolumn_default = \"drop\"\n[table.columns]\nid = { action = \"keep\", optional = true "
    "}\n"
    "k = { action = \"keep\", optional = true }\nsecret = { action = \"null\", optional = true }\n",
    "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\n"
    "doc = { action = \"json\", remove = [\"$.secret\"], optional = true }\n"
    "j = { action = \"json\", keep = [\"$.a\"], optional = true }\n",
};

// Positions and checksums of what follows the opening do not depend on when the opening was made; its timestamps do.
std::string behind_the_opening(const std::string& file) {
  std::size_t at = 4;
  while (at + 19 <= file.size()) {
    const auto type = static_cast<std::uint8_t>(file[at + 4]);
    if (type != 15 && type != 35 && type != 163) break;
    std::uint32_t size = 0;
    std::memcpy(&size, file.data() + at + 9, 4);
    at += size;
  }
  return file.substr(at);
}

TEST_CASE("egress: what the scrubber makes of real servers' files passes the second decoder, under many rules",
          "[app]") {
  std::size_t transactions = 0;
  for (const std::string& name : golden_names()) {
    for (const char* const rules : kRules) {
      INFO(name << "\n" << rules);
      ScrubRun proved(rules);
      proved.add("binlog.000001", golden_file(name));
      proved.run();
      ScrubRun free(rules);
      free.configuration.spool.prove = false;
      free.add("binlog.000001", golden_file(name));
      free.run();
      CHECK(proved.message() == free.message());
      CHECK(proved.report.transactions == free.report.transactions);
      CHECK(behind_the_opening(proved.output()) == behind_the_opening(free.output()));
      transactions += proved.report.transactions;
    }
  }
  CHECK(transactions > 500);
}

TEST_CASE("egress: partial updates of a filtered JSON column leave as documents without what the rules take out",
          "[app]") {
  ScrubRun run(
      "[[table]]\nname = \"d.j\"\n[table.columns]\nid = \"keep\"\n"
      "doc = { action = \"json\", remove = [\"$.secret\"] }\nbig = \"drop\"\n");
  run.add("binlog.000001", golden_file("my97-partialjson-images-rowsquery.binlog"));
  run.run();
  INFO(run.message());
  CHECK(run.report.transactions > 4);
  CHECK(run.output().find("SECRET") == std::string::npos);
  CHECK(run.output().find("arr") != std::string::npos);
  CHECK(run.output().find("xxxxxxxxxxxxxxxxxxxx") == std::string::npos);
}

// A golden file of which some bytes inside events are others, with checksums that are right again.
std::string damaged(std::string file, std::minstd_rand& random) {
  std::vector<std::pair<std::size_t, std::uint32_t>> events;
  for (std::size_t at = 4; at + 19 <= file.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, file.data() + at + 9, 4);
    events.emplace_back(at, size);
    at += size;
  }
  const std::size_t count = 1 + random() % 3;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [at, size] = events[1 + random() % (events.size() - 1)];
    if (size <= 23) continue;
    file[at + 19 + random() % (size - 23)] = static_cast<char>(random());
    const std::uint32_t sum = base::crc32(base::ByteView::of(file).sub(at, size - 4));
    std::memcpy(file.data() + at + size - 4, &sum, 4);
  }
  return file;
}

TEST_CASE("egress: what the scrubber makes of damaged files passes the second decoder as well", "[app]") {
  // A usual run fails for a change only: the same files each time. A longer one looks for what nobody has seen.
  const char* const longer = std::getenv("BINLOG_RELAY_DAMAGED_FILES");
  const char* const again = std::getenv("BINLOG_RELAY_SEED");
  const int files = longer == nullptr ? 3000 : std::atoi(longer);
  const auto seed = again != nullptr    ? static_cast<std::uint32_t>(std::atoll(again))
                    : longer != nullptr ? static_cast<std::uint32_t>(std::random_device()())
                                        : 20260901U;
  INFO("seed " << seed);
  std::minstd_rand random(seed);
  const std::vector<std::string> names = golden_names();
  std::size_t passed = 0;
  for (int i = 0; i < files; ++i) {
    const std::string& name = names[random() % names.size()];
    const char* const rules = kRules[random() % std::size(kRules)];
    const std::string file = damaged(golden_file(name), random);
    ScrubRun proved(rules);
    proved.add("binlog.000001", file);
    proved.run();
    INFO(i << " " << name << "\n" << rules << proved.message());
    REQUIRE(proved.message().find("egress check") == std::string::npos);
    if (proved.done) ++passed;
  }
  CHECK(passed > 0);
}

TEST_CASE("egress: a column that goes because of a foreign key is not expected", "[app]") {
  ScrubRun run(
      "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\n[table.columns]\nid = { action = \"drop\", optional = "
      "true }\n");
  run.add("binlog.000001", golden_file("my97-fk-multitable.binlog"));
  run.run();
  INFO(run.message());
  CHECK(run.message().find("egress check") == std::string::npos);
}

TEST_CASE("egress: a canary stops the stream before its transaction, with and without the second decoder", "[app]") {
  // Stands in a JSON document of a column that these rules keep.
  for (const bool prove : {false, true}) {
    ScrubRun run(kRules[1]);
    run.configuration.spool.prove = prove;
    run.configuration.canaries.push_back({"planted", base::Secret("zzzzzzzzzzzzzzzz")});
    run.add("binlog.000001", golden_file("my97-strip-src.binlog"));
    run.run();
    INFO(run.message());
    REQUIRE_FALSE(run.done);
    CHECK(run.report.halted);
    CHECK(run.done.error().subject().starts_with("canary planted, table d."));
    CHECK(run.output().find("zzzzzzzzzzzzzzzz") == std::string::npos);
    CHECK(run.report.transactions > 0);
  }
}

// A spool with the check of a configuration, and drafts that no scrubber has seen.
struct GuardedSpool {
  relay::testing::FaultyFileSystem files;
  scrub_rules::RuleSet rules;
  std::unique_ptr<scrub_rules::SchemaHistory> history;
  spool::SpoolIndex index{files, "spool"};
  spool::PublishedTail tail;
  Egress egress;
  std::unique_ptr<spool::SpoolWriter> writer;

  GuardedSpool() : egress(true, {}) {
    base::Problems problems;
    rules = scrub_rules::RuleSet::parse("[defaults]\ntable = \"deny\"\n", "rules.toml", problems);
    auto opened = spool::SpoolWriter::open(files, "spool", {spool::SyncPolicy::When::never, {}}, 1, index, tail);
    REQUIRE(opened);
    writer = std::move(*opened);
    auto made = scrub_rules::SchemaHistory::open(files, "spool/schema.history", {}, false);
    REQUIRE(made);
    history = std::move(*made);
    egress.guard(*writer, rules, *history, binlog::Flavor::mysql, false);
    const std::string golden = golden_file("my97-strip-src.binlog");
    std::uint32_t size = 0;
    std::memcpy(&size, golden.data() + 4 + 9, 4);
    const auto format = binlog::FormatDescription::parse(base::ByteView::of(golden).sub(4, size));
    REQUIRE(format);
    spool::SpoolFileEntry entry;
    entry.source = {"source", binlog::Flavor::mysql};
    entry.source_start = {"binlog.000001", 4};
    const auto started = writer->start_file(entry, *format);
    INFO((started ? "" : started.error().message()));
    REQUIRE(started);
  }

  base::Result<void> write(std::string_view statement) {
    binlog::QueryEvent query;
    query.statement = base::ByteView::of(statement);
    base::Buffer body;
    binlog::encode_query_body(query, body);
    binlog::EventDraft draft;
    draft.header.type_code = static_cast<std::uint8_t>(binlog::EventType::query);
    const base::ByteView slice = body.view();
    draft.body = {&slice, 1};
    RELAY_TRY(writer->append(draft));
    return writer->commit({});
  }
};

TEST_CASE("egress: nothing of a transaction is published that the check forbids, and the spool goes on", "[app]") {
  GuardedSpool spool;
  REQUIRE(spool.write("BEGIN"));
  const auto before = spool.tail.get();
  const std::string file = spool.files.content("spool/spool.000001");
  const auto refused = spool.write("INSERT INTO hr.people VALUES ('ola')");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::rule);
  CHECK(spool.tail.get() == before);
  REQUIRE(spool.writer->abandon());
  CHECK(spool.files.content("spool/spool.000001") == file);
  REQUIRE(spool.write("COMMIT"));
  CHECK(spool.tail.get() > before);
}

TEST_CASE("egress: a statement passes in the transaction that it was made for, and in no other", "[app]") {
  GuardedSpool spool;
  spool.egress.made()->add("CREATE DATABASE `shop`");
  CHECK(spool.write("CREATE DATABASE `shop`"));
  spool.egress.made()->clear();
  CHECK_FALSE(spool.write("CREATE DATABASE `shop`"));
}

}  // namespace
}  // namespace relay::app::testing
