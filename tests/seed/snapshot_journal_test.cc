#include "relay/seed/snapshot_journal.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "relay/base/sha256.h"
#include "relay/seed/cascade_reach.h"
#include "relay/seed/log_mark.h"
#include "relay/seed/rows_writer.h"
#include "relay/seed/snapshot_names.h"
#include "snapshot_test_folder.h"

namespace relay::seed {

namespace {

JournalHead some_head() { return {"binlog-relay 1", "mysql 9.7.4 7 uuid 0", "rules", {"binlog.000003", 4711}, 1700}; }

// A table whose file is there.
FinishedTable write_table(const Folder& folder, const std::string& name, int rows) {
  std::uint32_t number = 0;
  RowsWriter writer(
      {base::posix_file_system(), folder.path(), rows_file_head(), "INSERT INTO `d`.`" + name + "` (`a`) VALUES", [&] {
         return rows_file_name({"d", name}, ++number);
       }});
  for (int i = 0; i < rows; ++i) REQUIRE(writer.add(base::ByteView::of("(1)")).has_value());
  REQUIRE(writer.finish().has_value());
  return {{"d", name, "PRIMARY", static_cast<std::uint64_t>(rows), writer.records()}, "mark of " + name};
}

std::unique_ptr<SnapshotJournal> open_journal(const Folder& folder) {
  auto journal = SnapshotJournal::open(base::posix_file_system(), folder.path());
  REQUIRE(journal.has_value());
  return std::move(*journal);
}

std::vector<std::string> names_in(const SnapshotJournal& journal) {
  std::vector<std::string> names;
  for (const FinishedTable& table : journal.tables()) names.push_back(table.record.table);
  return names;
}

void write_text(const Folder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder.path() + '/' + name, std::ios::binary) << text;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("snapshot_journal: what was noted is there again, as it was", "[seed]") {
  const Folder folder;
  {
    const auto journal = open_journal(folder);
    CHECK_FALSE(journal->head());
    REQUIRE(journal->begin(some_head(), {}).has_value());
    REQUIRE(journal->add(write_table(folder, "a", 3)).has_value());
    REQUIRE(journal->add(write_table(folder, "b", 0)).has_value());
  }
  const auto journal = open_journal(folder);
  REQUIRE(journal->head());
  CHECK(journal->head()->made_by == some_head().made_by);
  CHECK(journal->head()->source == some_head().source);
  CHECK(journal->head()->rules_digest == some_head().rules_digest);
  CHECK(journal->head()->place == some_head().place);
  CHECK(journal->head()->file_made == 1700);
  const auto tables = journal->tables();
  REQUIRE(names_in(*journal) == Names{"a", "b"});
  CHECK(tables[0].mark == "mark of a");
  CHECK(tables[0].record.key == "PRIMARY");
  CHECK(tables[0].record.rows == 3);
  REQUIRE(tables[0].record.files.size() == 1);
  CHECK(tables[0].record.files[0].sql_bytes > 3);
  CHECK(tables[1].record.files.empty());
  CHECK(journal->forget_broken() == 0);
  REQUIRE(journal->begin(some_head(), {tables[1]}).has_value());
  REQUIRE(journal->add(tables[0]).has_value());
  CHECK(names_in(*open_journal(folder)) == Names{"b", "a"});
}

TEST_CASE("snapshot_journal: a torn line is dropped, at whatever byte it was torn", "[seed]") {
  const Folder folder;
  const auto made = open_journal(folder);
  REQUIRE(made->begin(some_head(), {}).has_value());
  REQUIRE(made->add(write_table(folder, "a", 1)).has_value());
  const std::size_t before = folder.text("journal").size();
  REQUIRE(made->add(write_table(folder, "b", 1)).has_value());
  const std::string whole = folder.text("journal");
  for (std::size_t size = before; size < whole.size(); ++size) {
    write_text(folder, "journal", whole.substr(0, size));
    REQUIRE(names_in(*open_journal(folder)) == Names{"a"});
  }
  // A piece that the disk has as zeros.
  write_text(folder, "journal",
             whole.substr(0, before) + std::string(whole.size() - before, '\0') + whole.substr(before));
  CHECK(names_in(*open_journal(folder)) == Names{"a"});
  for (std::size_t size = 0; size < whole.find('\n'); ++size) {
    write_text(folder, "journal", whole.substr(0, size));
    REQUIRE_FALSE(open_journal(folder)->head());
  }
}

TEST_CASE("snapshot_journal: what no snapshot writes ends it, and is no error", "[seed]") {
  const Folder folder;
  const auto made = open_journal(folder);
  REQUIRE(made->begin(some_head(), {}).has_value());
  const FinishedTable table = write_table(folder, "a", 2);
  const auto with = [&](auto change) {
    FinishedTable other = table;
    change(other);
    REQUIRE(made->begin(some_head(), {other, table}).has_value());
    return names_in(*open_journal(folder));
  };
  CHECK(with([](FinishedTable&) {}) == Names{"a", "a"});
  CHECK(with([](FinishedTable& other) { other.record.files[0].name = "../../etc/passwd"; }).empty());
  CHECK(with([](FinishedTable& other) { other.record.files[0].name = "d.b.00001.sql.zst"; }).empty());
  CHECK(with([](FinishedTable& other) { other.record.files[0].sha256 = "short"; }).empty());
  CHECK(with([](FinishedTable& other) { other.record.rows = 3; }).empty());
  CHECK(with([](FinishedTable& other) {
          other.record.files.push_back(other.record.files[0]);
          other.record.rows *= 2;
        }).empty());
  for (const std::string& text : {std::string("[]"), std::string("{}"), std::string("{\"snapshot_journal\": 2}"),
                                  std::string(100'000, '['), std::string()}) {
    write_text(folder, "journal", base::sha256_hex({base::ByteView::of(text)}) + ' ' + text + '\n');
    CHECK_FALSE(open_journal(folder)->head());
  }
}

TEST_CASE("snapshot_journal: a line of which a bit was lost ends it", "[seed]") {
  const Folder folder;
  const auto made = open_journal(folder);
  REQUIRE(made->begin(some_head(), {}).has_value());
  const std::size_t head = folder.text("journal").size();
  REQUIRE(made->add(write_table(folder, "a", 2)).has_value());
  const std::string whole = folder.text("journal");
  for (std::size_t at = head; at + 1 < whole.size(); ++at) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ 1);
    write_text(folder, "journal", text);
    REQUIRE(names_in(*open_journal(folder)).empty());
  }
}

TEST_CASE("snapshot_journal: one that is no file, or too large, is none", "[seed]") {
  const Folder folder;
  std::filesystem::create_directory(folder.path() + "/journal");
  CHECK_FALSE(open_journal(folder)->head());
}

TEST_CASE("snapshot_journal: tables whose files were changed, cut or removed are forgotten", "[seed]") {
  const Folder folder;
  const auto made = open_journal(folder);
  REQUIRE(made->begin(some_head(), {}).has_value());
  for (const char* name : {"a", "b", "c", "e"}) REQUIRE(made->add(write_table(folder, name, 5)).has_value());
  std::string text = folder.text("d.a.00001.sql.zst");
  text.back() = static_cast<char>(text.back() ^ 1);
  write_text(folder, "d.a.00001.sql.zst", text);
  text = folder.text("d.b.00001.sql.zst");
  write_text(folder, "d.b.00001.sql.zst", text.substr(0, text.size() - 1));
  std::filesystem::remove(folder.path() + "/d.c.00001.sql.zst");
  const auto journal = open_journal(folder);
  CHECK(journal->forget_broken() == 3);
  CHECK(names_in(*journal) == Names{"e"});
}

TEST_CASE("log_mark: of two places the earlier one counts, and of a file before nothing is known", "[seed]") {
  const LogMark mark{{"b.000009", 500}, 1700};
  CHECK(earlier_of(mark, {"b.000009", 600, ""}).place == mark.place);
  CHECK(earlier_of(mark, {"b.000009", 400, ""}).place == source::LogPlace{"b.000009", 400});
  CHECK(earlier_of(mark, {"b.000009", 400, ""}).file_made == 1700);
  CHECK(earlier_of(mark, {"b.000010", 4, ""}).place == mark.place);
  CHECK(earlier_of({{"b.999999", 4}, 1}, {"b.1000000", 4, ""}).file_made == 1);
  CHECK(earlier_of(mark, {"b.000008", 900, ""}).file_made == 0);
  CHECK(earlier_of(LogMark(), {"b.000008", 900, ""}).file_made == 0);
}

TEST_CASE("cascade_reach: a cascade reaches through any number of tables, and through what is not known", "[seed]") {
  std::map<std::string, sql::TableDefinition> tables;
  const auto add = [&](const std::string& name, const std::string& parent, const std::string& on_delete,
                       const std::string& on_update = "") {
    sql::TableDefinition& table = tables[name];
    table.database = "d";
    table.table = name;
    if (parent.empty()) return;
    sql::ForeignKeyDefinition& key = table.foreign_keys.emplace_back();
    key.referenced_table = parent;
    key.on_delete = on_delete;
    key.on_update = on_update;
  };
  add("top", "", "");
  add("middle", "top", "cascade");
  add("bottom", "middle", "", "set null");
  add("loose", "top", "restrict", "no action");
  add("own", "own", "cascade");
  add("orphan", "gone", "set default");
  std::set<std::string> changed;
  const auto reached = [&](const std::string& name) {
    return cascades_reach(
        tables[name], [&](const sql::TableName& table) { return changed.contains(table.table); },
        [&](const sql::TableName& table) {
          const auto found = tables.find(table.table);
          return found == tables.end() ? std::nullopt : std::optional(found->second);
        });
  };
  for (const char* name : {"top", "middle", "bottom", "loose", "own"}) CHECK_FALSE(reached(name));
  CHECK(reached("orphan"));
  changed = {"top"};
  for (const char* name : {"top", "middle", "bottom"}) CHECK(reached(name));
  for (const char* name : {"loose", "own"}) CHECK_FALSE(reached(name));
  changed = {"bottom"};
  CHECK(reached("bottom"));
  CHECK_FALSE(reached("middle"));
}

}  // namespace relay::seed
