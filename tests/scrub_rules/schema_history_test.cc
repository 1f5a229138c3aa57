#include "scrub_rules/schema_history.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

#include "scrub_rules/history_lines.h"
#include "tests/support/faulty_file.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using relay::testing::FaultyFileSystem;
using Loss = FaultyFileSystem::Loss;

constexpr const char* kPath = "spool/schema.history";
constexpr const char* kEndPath = "spool/schema.history.end";

sql::TableDefinition table(const std::string& name, const std::string& column) {
  sql::TableDefinition definition;
  definition.database = "shop";
  definition.table = name;
  definition.columns.emplace_back().name = column;
  definition.columns.back().type = "int";
  return definition;
}

std::vector<sql::CatalogChange> change(const std::string& name, const std::string& column) {
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", name}, std::make_unique<sql::TableDefinition>(table(name, column))});
  return changes;
}

std::vector<sql::CatalogChange> gone(const std::string& name) {
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", name}, nullptr});
  return changes;
}

std::unique_ptr<SchemaHistory> open(FaultyFileSystem& files, HistoryPosition resume, bool fold_case = false) {
  auto history = SchemaHistory::open(files, kPath, resume, fold_case);
  REQUIRE(history);
  return std::move(*history);
}

// "t:a u:b": each table with its first column.
std::string summary(const SchemaHistory& history) {
  std::string text;
  for (const sql::TableName& name : history.tables_of("shop")) {
    text += (text.empty() ? "" : " ") + name.table + ":" + history.find(name)->columns.at(0).name;
  }
  return text;
}

constexpr HistoryPosition kEnd{1000, 0};

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

TEST_CASE("schema_history: a torn tail is cut, wherever it was torn", "[scrub_rules]") {
  FaultyFileSystem files;
  struct Whole {
    std::size_t size;   // of the file
    std::string known;  // then
    std::string end;    // what the file beside it says
  };
  std::vector<Whole> whole;
  const auto note = [&](const char* known) {
    whole.push_back({files.content(kPath).size(), known, files.content(kEndPath)});
  };
  {
    const auto history = open(files, {});
    whole.push_back({files.content(kPath).size(), "", ""});
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("t", "a"));
    tables.push_back(table("u", "b"));
    REQUIRE(history->set_baseline({1, 1}, std::move(tables), {}));
    note("t:a u:b");
    history->stage(change("t", "c"));
    REQUIRE(history->commit({1, 2}));
    note("t:c u:b");
    history->stage(gone("u"));
    REQUIRE(history->commit({1, 3}));
    note("t:c");
  }
  const std::string content = files.content(kPath);
  for (std::size_t size = 0; size <= content.size(); ++size) {
    std::string expected;
    std::string confirmed;
    for (const Whole& state : whole) {
      if (state.size > size) continue;
      expected = state.known;
      confirmed = state.end;
    }
    for (const std::string tail : {"", "\xff\xff garbage", "\n"}) {
      if (!tail.empty() && size < whole[0].size) continue;  // then it is no history any more
      if (content.substr(size, 1) == tail) continue;        // then it is not torn
      files.set_content(kPath, content.substr(0, size) + tail);
      if (confirmed.empty()) {
        static_cast<void>(files.remove(kEndPath));
      } else {
        files.set_content(kEndPath, confirmed);
      }
      INFO("cut at " << size << " with " << tail.size() << " bytes behind");
      const auto history = open(files, kEnd);
      REQUIRE(summary(*history) == expected);
      history->stage(change("v", "z"));
      REQUIRE(history->commit({1, 4}));
      REQUIRE(summary(*open(files, kEnd)) == (expected.empty() ? "" : expected + " ") + "v:z");
    }
  }
}

TEST_CASE("schema_history: damage that no crash makes is an error, not a loss", "[scrub_rules]") {
  FaultyFileSystem files;
  {
    const auto history = open(files, {});
    REQUIRE(history->set_baseline({1, 1}, {}, {}));
    for (std::uint64_t i = 2; i < 5; ++i) {
      history->stage(change("t", "c"));
      REQUIRE(history->commit({1, i}));
    }
  }
  std::string content = files.content(kPath);
  content[content.size() / 2] ^= 1;
  files.set_content(kPath, content);
  const auto damaged = SchemaHistory::open(files, kPath, kEnd, false);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().kind() == ErrorKind::malformed);
  files.set_content(kPath, "[source]\nhost = \"127.0.0.1\"\n");
  CHECK_FALSE(SchemaHistory::open(files, kPath, kEnd, false));
  CHECK(files.content(kPath).starts_with("[source]"));
}

TEST_CASE("schema_history: a history that has lost or changed what was confirmed is not used", "[scrub_rules]") {
  FaultyFileSystem files;
  std::size_t baseline_end = 0;
  {
    const auto history = open(files, {});
    REQUIRE(history->set_baseline({1, 1}, {}, {}));
    baseline_end = files.content(kPath).size();
    history->stage(change("t", "a"));
    REQUIRE(history->commit({1, 2}));
  }
  const std::string content = files.content(kPath);
  const std::string end = files.content(kEndPath);
  const auto opens = [&files] { return SchemaHistory::open(files, kPath, kEnd, false).has_value(); };
  CHECK(opens());
  for (std::size_t at = 0; at < content.size(); ++at) {
    INFO(at);
    files.set_content(kPath, content.substr(0, at));
    REQUIRE_FALSE(opens());
    std::string flipped = content;
    flipped[at] ^= 4;
    files.set_content(kPath, flipped);
    REQUIRE_FALSE(opens());
  }
  files.set_content(kPath, content);
  for (std::size_t at = 0; at < end.size(); ++at) {
    std::string flipped = end;
    flipped[at] ^= 1;
    files.set_content(kEndPath, flipped);
    REQUIRE_FALSE(opens());
  }
  INFO("what the spool has no transaction of may go, and comes again");
  files.set_content(kEndPath, end);
  REQUIRE(open(files, {1, 1}));
  CHECK(files.content(kPath).size() == baseline_end);
  const auto again = open(files, {1, 1});
  again->stage(change("t", "a"));
  REQUIRE(again->commit({1, 2}));
  CHECK(files.content(kPath) == content);
}

TEST_CASE("schema_history: every call that fails or crashes leaves the old or the new state", "[scrub_rules]") {
  for (const Loss loss : {Loss::nothing, Loss::unsynced, Loss::some}) {
    for (std::uint64_t call = 1;; ++call) {
      FaultyFileSystem files;
      files.crash_at(call, call % 2 == 0);
      int committed = 0;
      {
        auto history = SchemaHistory::open(files, kPath, {}, false);
        std::vector<sql::TableDefinition> tables;
        tables.push_back(table("t", "c1"));
        if (history && (*history)->set_baseline({1, 1}, std::move(tables), {})) committed = 1;
        while (history && committed > 0 && committed < 4) {
          (*history)->stage(change("t", "c" + std::to_string(committed + 1)));
          if (!(*history)->commit({1, static_cast<std::uint64_t>(committed + 1)})) break;
          ++committed;
        }
      }
      const bool struck = files.struck();
      files.heal();
      files.restart(loss, static_cast<std::uint32_t>(call));
      INFO("call " << call << ", committed " << committed);
      const auto history = open(files, kEnd);
      const std::string known = summary(*history);
      const std::string before = committed == 0 ? "" : "t:c" + std::to_string(committed);
      const std::string after = "t:c" + std::to_string(committed + 1);
      REQUIRE((known == before || (struck && known == after)));
      if (!struck) break;
    }
  }
}

TEST_CASE("schema_history: a commit that failed can be tried again", "[scrub_rules]") {
  FaultyFileSystem files;
  const auto history = open(files, {});
  REQUIRE(history->set_baseline({1, 1}, {}, {}));
  history->stage(change("t", "a"));
  files.fail_call(files.calls() + 1, ENOSPC);
  CHECK_FALSE(history->commit({1, 2}));
  CHECK(history->has_staged());
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
