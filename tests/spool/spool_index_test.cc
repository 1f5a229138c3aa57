#include "relay/spool/spool_index.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/spool/event_samples.h"
#include "tests/support/faulty_file.h"

namespace relay::spool {
namespace {

using testing::FaultyFileSystem;

constexpr const char* kPath = "spool/spool.index";

SpoolFileEntry mysql_entry(std::uint32_t number) {
  SpoolFileEntry entry;
  entry.number = number;
  entry.source = {"01020304-0506-0708-090a-0b0c0d0e0f10", binlog::Flavor::mysql};
  entry.source_start = {"binlog.000007", 0x123456789a};
  entry.gtids_before.mysql.add({testing::sample_uuid(), "", 1});
  entry.gtids_before.mysql.add({testing::sample_uuid(), "a_tag", 5});
  entry.source_version = "9.7.4";
  entry.created = 1700000000 + number;
  entry.rules_digest = "abcd";
  entry.schema_mark = 0xfedcba98;
  return entry;
}

SpoolFileEntry mariadb_entry(std::uint32_t number) {
  SpoolFileEntry entry = mysql_entry(number);
  entry.source = {"mariadb-7", binlog::Flavor::mariadb};
  entry.gtids_before = {};
  entry.gtids_before.mariadb.update({0, 1, 100});
  entry.gtids_before.mariadb.update({0, 2, 101});
  entry.gtids_before.mariadb.update({0, 1, 102});
  entry.gtids_before.mariadb.update({3, 9, 7});
  return entry;
}

TEST_CASE("spool_index: an absent index is an empty spool", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.load());
  CHECK(index.entries().empty());
  CHECK_FALSE(index.first());
  CHECK_FALSE(index.last());
  CHECK_FALSE(index.next(0));
  CHECK(index.path(3) == "spool/spool.000003");
}

TEST_CASE("spool_index: changes of rules belong to the end of the last file, after loading too", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.load());
  CHECK_FALSE(index.change_rules({4, "beef", 1}));
  REQUIRE(index.add(mysql_entry(1)));
  REQUIRE(index.add(mysql_entry(2)));
  CHECK(index.last()->last_rules() == "abcd");
  REQUIRE(index.change_rules({1234, "beef", 1700000009}));
  REQUIRE(index.change_rules({5678, "cafe", 1700000010}));
  SpoolIndex again(files, "spool");
  REQUIRE(again.load());
  CHECK(again.entries() == index.entries());
  CHECK(again.first()->rules_changes.empty());
  CHECK(again.last()->rules_changes ==
        std::vector<RulesChange>{{1234, "beef", 1700000009}, {5678, "cafe", 1700000010}});
  CHECK(again.last()->last_rules() == "cafe");
  CHECK(again.last()->rules_digest == "abcd");
  CHECK(again.last()->schema_mark == 0xfedcba98);
}

TEST_CASE("spool_index: gives back what was added, after loading too", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.load());
  REQUIRE(index.add(mysql_entry(1)));
  REQUIRE(index.add(mariadb_entry(2)));
  REQUIRE(index.add(mysql_entry(4)));
  files.restart(FaultyFileSystem::Loss::unsynced);
  SpoolIndex again(files, "spool");
  REQUIRE(again.load());
  CHECK(again.entries() == index.entries());
  CHECK(again.first() == mysql_entry(1));
  CHECK(again.find(2) == mariadb_entry(2));
  CHECK_FALSE(again.find(3));
  CHECK(again.next(2)->number == 4);
  CHECK_FALSE(again.next(4));
}

TEST_CASE("spool_index: an index cut anywhere is refused, naming the line", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.add(mysql_entry(1)));
  REQUIRE(index.add(mariadb_entry(2)));
  const std::string whole = files.content(kPath);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    files.set_content(kPath, whole.substr(0, size));
    const auto loaded = SpoolIndex(files, "spool").load();
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind() == base::ErrorKind::malformed);
    CHECK(loaded.error().subject().find("spool.index, line ") != std::string::npos);
  }
}

TEST_CASE("spool_index: an index with one character changed is refused", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.add(mysql_entry(1)));
  REQUIRE(index.add(mysql_entry(2)));
  const std::string whole = files.content(kPath);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = damaged[at] == '1' ? '2' : '1';
    files.set_content(kPath, damaged);
    CHECK_FALSE(SpoolIndex(files, "spool").load());
  }
}

TEST_CASE("spool_index: bytes of an enemy are an error and nothing worse", "[spool]") {
  for (const char* text :
       {"{", "[]\n", "null\n", "{}\n{}\n", "{\"binlog_relay_spool_index\":1}\n{\"files\":0,\"crc32\":0}\n",
        "{\"binlog_relay_spool_index\":2}\n[1]\n", "{\"binlog_relay_spool_index\":\"x\"}\n",
        "{\"binlog_relay_spool_index\":2}\n{\"crc32\":-1,\"files\":1e99}\n", "\xff\xfe\n"})
    CHECK_FALSE(decode_index(text));
}

TEST_CASE("spool_index: a name that JSON cannot keep is refused, and the list stays", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.add(mysql_entry(1)));
  SpoolFileEntry strange = mysql_entry(2);
  strange.source_start.file = "binlog\xff";
  const auto added = index.add(strange);
  REQUIRE_FALSE(added);
  CHECK(added.error().kind() == base::ErrorKind::unsupported);
  CHECK(index.entries().size() == 1);
  strange.source_start.file = "bin \"log\"\\\n\xc3\xa5";
  CHECK(index.add(strange));
}

TEST_CASE("spool_index: a failed addition leaves the list as it was", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  REQUIRE(index.add(mysql_entry(1)));
  for (std::uint64_t call = 1;; ++call) {
    files.heal();
    files.fail_call(files.calls() + call, EIO);
    const bool added = index.add(mysql_entry(2)).has_value();
    if (!files.struck()) break;
    CHECK_FALSE(added);
    REQUIRE(index.entries().size() == 1);
    files.heal();
    REQUIRE(index.rewrite());
    SpoolIndex loaded(files, "spool");
    REQUIRE(loaded.load());
    REQUIRE(loaded.entries().size() == 1);
  }
  CHECK(index.entries().size() == 2);
}

TEST_CASE("spool_index: removes the oldest files and never the last", "[spool]") {
  FaultyFileSystem files;
  SpoolIndex index(files, "spool");
  for (std::uint32_t number = 1; number <= 3; ++number) {
    REQUIRE(index.add(mysql_entry(number)));
    files.set_content(index.path(number), "spool file");
    files.set_content(index.journal_path(number), "journal");
  }
  REQUIRE(index.remove_oldest(1));
  CHECK(files.names() == std::vector<std::string>{"spool/spool.000002", "spool/spool.000002.journal",
                                                  "spool/spool.000003", "spool/spool.000003.journal",
                                                  "spool/spool.index"});
  REQUIRE(index.remove_oldest(5));
  CHECK(files.names() ==
        std::vector<std::string>{"spool/spool.000003", "spool/spool.000003.journal", "spool/spool.index"});
  CHECK(index.first() == index.last());
}

}  // namespace
}  // namespace relay::spool
