#include "scrub_rules/schema_history.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/scrub_rules/history_file.h"

namespace relay::scrub_rules::testing {
namespace {

using relay::testing::FaultyFileSystem;
using Loss = FaultyFileSystem::Loss;

TEST_CASE("schema_history: what was committed is there when it is opened again", "[scrub_rules]") {
  FaultyFileSystem files;
  {
    const auto history = open(files, {});
    CHECK_FALSE(history->has_baseline());
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("t", "a"));
    tables.push_back(table("u", "b"));
    REQUIRE(history->set_baseline({1, 100}, std::move(tables), {{"shop", {"utf8mb4", "utf8mb4_bin"}}}));
    history->stage(change("t", "a2"));
    history->stage(gone("u"));
    history->stage_database("other", {"latin1", "latin1_bin"});
    REQUIRE(history->commit({1, 200}));
    CHECK(summary(*history) == "t:a2");
  }
  files.restart(Loss::unsynced);
  const auto history = open(files, kEnd);
  CHECK(history->has_baseline());
  CHECK(summary(*history) == "t:a2");
  CHECK(history->database_character_set("shop").second == "utf8mb4_bin");
  CHECK(history->database_character_set("other").first == "latin1");
  CHECK(history->database_character_set("third").first.empty());
}

TEST_CASE("schema_history: opening cuts the changes of transactions that never reached the spool", "[scrub_rules]") {
  FaultyFileSystem files;
  {
    const auto history = open(files, {});
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("t", "a"));
    REQUIRE(history->set_baseline({1, 100}, std::move(tables), {}));
    for (std::uint64_t i = 1; i < 5; ++i) {
      history->stage(change("t", "a" + std::to_string(i)));
      REQUIRE(history->commit({i < 3 ? 1U : 2U, 100 + i}));
    }
  }
  CHECK(summary(*open(files, {2, 103})) == "t:a3");
  CHECK(summary(*open(files, kEnd)) == "t:a3");
  CHECK(summary(*open(files, {1, 200})) == "t:a2");
  CHECK(summary(*open(files, {1, 100})) == "t:a");
  const auto history = open(files, {1, 99});
  CHECK_FALSE(history->has_baseline());
  CHECK(summary(*history).empty());
}

TEST_CASE("schema_history: XA transactions that replicas do not have are known over a restart, until they are over",
          "[scrub_rules]") {
  FaultyFileSystem files;
  {
    const auto history = open(files, {});
    REQUIRE(history->set_baseline({1, 100}, {}, {}));
    history->stage_empty_xa("a", true);
    history->rollback();
    CHECK_FALSE(history->has_empty_xa("a"));
    for (const char* id : {"a", "b"}) history->stage_empty_xa(id, true);
    CHECK(history->has_staged());
    REQUIRE(history->commit({1, 200}));
    history->stage_empty_xa("a", false);
    history->rollback();
    CHECK(history->has_empty_xa("a"));
    history->stage_empty_xa("a", false);
    REQUIRE(history->commit({1, 300}));
  }
  files.restart(Loss::unsynced);
  {
    const auto history = open(files, kEnd);
    CHECK_FALSE(history->has_empty_xa("a"));
    CHECK(history->has_empty_xa("b"));
  }
  const auto history = open(files, {1, 299});
  CHECK(history->has_empty_xa("a"));
  CHECK(history->has_empty_xa("b"));
  CHECK_FALSE(open(files, {1, 100})->has_empty_xa("b"));
}

TEST_CASE("schema_history: staged changes are seen at once and go with rollback", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open(files, {});
  std::vector<sql::TableDefinition> tables;
  tables.push_back(table("t", "a"));
  REQUIRE(history->set_baseline({1, 1}, std::move(tables), {{"shop", {"latin1", ""}}}));
  const std::uint64_t version = history->version();
  history->stage(change("t", "b"));
  history->stage(change("t", "c"));
  history->stage(change("new", "x"));
  history->stage(gone("t"));
  history->stage_database("shop", {"utf8mb4", ""});
  history->stage_database("fresh", {"ascii", ""});
  CHECK(summary(*history) == "new:x");
  CHECK(history->has_staged());
  CHECK(history->version() > version);
  const std::uint64_t staged_version = history->version();
  history->rollback();
  CHECK(history->version() > staged_version);
  CHECK_FALSE(history->has_staged());
  CHECK(summary(*history) == "t:a");
  CHECK(history->database_character_set("shop").first == "latin1");
  CHECK(history->database_character_set("fresh").first.empty());
  REQUIRE(history->commit({1, 2}));
  CHECK(summary(*open(files, kEnd)) == "t:a");
}

TEST_CASE("schema_history: folds names where the source does", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open(files, {}, true);
  std::vector<sql::TableDefinition> tables;
  tables.push_back(table("Ærlig", "a"));
  REQUIRE(history->set_baseline({1, 1}, std::move(tables), {}));
  CHECK(history->find({"SHOP", "æRLIG"}) != nullptr);
  CHECK(open(files, kEnd, false)->find({"SHOP", "ÆRLIG"}) == nullptr);
}

TEST_CASE("schema_history: its mark tells one course of changes from another", "[scrub_rules]") {
  FaultyFileSystem files;
  std::vector<std::uint32_t> marks;
  const auto add = [&](SchemaHistory& history, const std::string& column) {
    history.stage(change("t", column));
    CHECK(history.mark() == marks.back());
    REQUIRE(history.commit({1, marks.size() + 1}));
    marks.push_back(history.mark());
  };
  {
    const auto history = open(files, {});
    CHECK(history->mark() == 0);
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("t", "a"));
    REQUIRE(history->set_baseline({1, 1}, std::move(tables), {}));
    marks.push_back(history->mark());
    for (const char* column : {"b", "a", "b"}) add(*history, column);
  }
  CHECK(std::set<std::uint32_t>(marks.begin(), marks.end()).size() == 4);
  INFO("with another mark than is wanted it is not opened, and nothing is cut");
  const std::string whole = files.content(kPath);
  CHECK_FALSE(SchemaHistory::open(files, kPath, {1, 2}, false, marks[2]));
  CHECK(files.content(kPath) == whole);
  CHECK(SchemaHistory::open(files, kPath, {1, 4}, false, marks[3]));
  for (std::uint64_t end = 4; end > 0; --end) {
    CHECK((*SchemaHistory::open_to_read(files, kPath, {1, end}, false))->mark() == marks[end - 1]);
    CHECK(open(files, {1, end})->mark() == marks[end - 1]);
  }
  marks.resize(1);
  add(*open(files, {1, 1}), "another");
  FaultyFileSystem others;
  const auto other = open(others, {});
  std::vector<sql::TableDefinition> tables;
  tables.push_back(table("t", "another"));
  REQUIRE(other->set_baseline({1, 1}, std::move(tables), {}));
  CHECK(other->mark() != marks[0]);
  CHECK(other->mark() != marks[1]);
  FaultyFileSystem none;
  CHECK_FALSE(SchemaHistory::open(none, kPath, {1, 4}, false, marks[1]));
  CHECK_FALSE(*none.exists(kPath));
}

TEST_CASE("schema_history: the mark is the same behind compacting, and goes on from there", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto fill = [](SchemaHistory& history, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) {
      history.stage(change("t", std::string(400, 'a') + std::to_string(i)));
      REQUIRE(history.commit({1, i}));
    }
  };
  const auto history = open(files, {});
  REQUIRE(history->set_baseline({1, 1}, {}, {}));
  fill(*history, 2, 3000);
  const std::uint32_t before = history->mark();
  const std::size_t size = files.content(kPath).size();
  REQUIRE(history->compact());
  REQUIRE(files.content(kPath).size() < size / 100);
  CHECK(history->mark() == before);
  CHECK(open(files, kEnd)->mark() == before);
  fill(*history, 3000, 3001);
  CHECK(history->mark() != before);
  CHECK(open(files, kEnd)->mark() == history->mark());
}

TEST_CASE("schema_history: positions never go backwards", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open(files, {});
  REQUIRE(history->set_baseline({2, 50}, {}, {}));
  history->stage(change("t", "a"));
  CHECK_FALSE(history->commit({2, 49}));
  CHECK(history->commit({2, 50}));
}

TEST_CASE("schema_history: a file that is mostly history is written anew", "[scrub_rules]") {
  FaultyFileSystem files;
  {
    const auto history = open(files, {});
    REQUIRE(history->set_baseline({1, 1}, {}, {}));
    for (std::uint64_t i = 2; i < 12; ++i) {
      std::vector<sql::CatalogChange> changes = change("t", "c" + std::to_string(i));
      changes[0].definition->columns.resize(6000, changes[0].definition->columns[0]);
      history->stage(std::move(changes));
      REQUIRE(history->commit({1, i}));
    }
  }
  const std::size_t before = files.content(kPath).size();
  REQUIRE(before > (std::size_t{1} << 20));
  CHECK(summary(*open(files, kEnd)) == "t:c11");
  CHECK(files.content(kPath).size() < before / 5);
  const auto history = open(files, kEnd);
  CHECK(summary(*history) == "t:c11");
  CHECK_FALSE(open(files, {1, 10})->has_baseline());
}

TEST_CASE("schema_history: XA transactions that are over leave the file when it is compacted", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open(files, {});
  REQUIRE(history->set_baseline({1, 1}, {table("t", "a")}, {}));
  std::uint64_t at = 1;
  const auto put = [&](const std::string& id, bool empty) {
    history->stage_empty_xa(id, empty);
    REQUIRE(history->commit({1, ++at}));
  };
  put("prepared", true);
  const std::string long_id(2000, 'x');
  for (int i = 0; i < 300; ++i) {
    put(long_id, true);
    put(long_id, false);
  }
  const std::size_t before = files.content(kPath).size();
  REQUIRE(before > (std::size_t{1} << 20));
  REQUIRE(history->compact());
  CHECK(files.content(kPath).size() < 2000);
  REQUIRE(history->compact());
  put("another", true);
  const auto again = open(files, {2, 0});
  CHECK(summary(*again) == "t:a");
  CHECK(again->has_empty_xa("prepared"));
  CHECK(again->has_empty_xa("another"));
  CHECK_FALSE(again->has_empty_xa(long_id));
}

}  // namespace
}  // namespace relay::scrub_rules::testing
