// What crashes, failing calls and other hands leave of a history.
#include <catch2/catch.hpp>
#include <cerrno>

#include "scrub_rules/schema_history.h"
#include "tests/scrub_rules/history_file.h"

namespace relay::scrub_rules::testing {
namespace {

using base::ErrorKind;
using relay::testing::FaultyFileSystem;
using Loss = FaultyFileSystem::Loss;

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

}  // namespace
}  // namespace relay::scrub_rules::testing
