#include "relay/spool/journal.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::spool {
namespace {

using testing::FaultyFileSystem;

constexpr const char* kPath = "spool/spool.000001.journal";
constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kRecordSize = 40;

JournalRecord record(std::uint64_t spool_end, bool durable = true) {
  return {spool_end,
          spool_end * 10,
          1,
          2,
          static_cast<std::uint32_t>(spool_end),
          durable,
          static_cast<std::uint32_t>(spool_end) * 7};
}

// A journal with these ends, closed.
void make_journal(FaultyFileSystem& files, const std::vector<JournalRecord>& records) {
  auto journal = *Journal::create(files, kPath);
  for (const JournalRecord& one : records) REQUIRE(journal.append(one));
}

TEST_CASE("journal: gives back what was appended", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200, false), record(300)});
  auto journal = *Journal::open(files, kPath);
  REQUIRE(journal.record_count() == 3);
  CHECK(*journal.record(0) == record(100));
  CHECK(*journal.record(1) == record(200, false));
  CHECK(*journal.record(2) == record(300));
  CHECK(journal.durable_end() == 300);
}

TEST_CASE("journal: keeps each flag apart", "[spool]") {
  for (const bool durable : {false, true}) {
    for (const bool anonymous : {false, true}) {
      FaultyFileSystem files;
      JournalRecord one = record(100, durable);
      one.anonymous = anonymous;
      make_journal(files, {one});
      CHECK(*(*Journal::open(files, kPath)).record(0) == one);
    }
  }
}

TEST_CASE("journal: a record that ends before a spool file's first event is none", "[spool]") {
  for (const std::uint64_t end : {0, 3, 4}) {
    FaultyFileSystem files;
    make_journal(files, {record(end, false)});
    CHECK((*Journal::open(files, kPath)).record_count() == 0);
  }
}

TEST_CASE("journal: finds the last record within a limit", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200), JournalRecord{200, 7777, 0, 0, 0, true}, record(300)});
  auto journal = *Journal::open(files, kPath);
  CHECK_FALSE(*journal.last_within(99));
  CHECK(**journal.last_within(100) == record(100));
  CHECK((*journal.last_within(299))->source_end == 7777);  // the later of two with the same end
  CHECK(**journal.last_within(UINT64_MAX) == record(300));
}

TEST_CASE("journal: forgets what lies behind a cut, on the disk too", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200), record(300)});
  {
    auto journal = *Journal::open(files, kPath);
    REQUIRE(journal.cut(250));
    CHECK(journal.durable_end() <= 250);
    REQUIRE(journal.append(record(260)));
  }
  auto journal = *Journal::open(files, kPath);
  REQUIRE(journal.record_count() == 3);
  CHECK(*journal.record(2) == record(260));
}

TEST_CASE("journal: cuts a torn last record at every length", "[spool]") {
  for (std::size_t lost = 1; lost < kRecordSize; ++lost) {
    FaultyFileSystem files;
    make_journal(files, {record(100), record(200)});
    std::string content = files.content(kPath);
    content.resize(content.size() - lost);
    files.set_content(kPath, content);
    const auto journal = *Journal::open(files, kPath);
    CHECK(journal.record_count() == 1);
    CHECK(files.content(kPath).size() == kHeaderSize + kRecordSize);
  }
}

TEST_CASE("journal: a last record of zeros or with one bit turned is no record", "[spool]") {
  for (std::size_t at = 0; at < kRecordSize; ++at) {
    FaultyFileSystem files;
    make_journal(files, {record(100), record(200)});
    std::string content = files.content(kPath);
    content[kHeaderSize + kRecordSize + at] = static_cast<char>(content[kHeaderSize + kRecordSize + at] ^ 0x10);
    files.set_content(kPath, content);
    CHECK(Journal::open(files, kPath)->record_count() == 1);
  }
  FaultyFileSystem files;
  make_journal(files, {record(100)});
  files.set_content(kPath, files.content(kPath) + std::string(kRecordSize * 3, '\0'));
  CHECK(Journal::open(files, kPath)->record_count() == 1);
}

TEST_CASE("journal: a broken record in front of a durable one is damage, not a torn tail", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200), record(300)});
  std::string content = files.content(kPath);
  content[kHeaderSize + kRecordSize + 3] = 'x';
  files.set_content(kPath, content);
  const auto journal = Journal::open(files, kPath);
  REQUIRE_FALSE(journal);
  CHECK(journal.error().kind() == base::ErrorKind::malformed);
  CHECK(journal.error().offset() == kHeaderSize + kRecordSize);
}

TEST_CASE("journal: a broken record in front of one that was never synced is a torn tail", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200, false), record(300, false)});
  std::string content = files.content(kPath);
  content[kHeaderSize + kRecordSize + 3] = 'x';
  files.set_content(kPath, content);
  CHECK(Journal::open(files, kPath)->record_count() == 1);
}

TEST_CASE("journal: does not take another journal's record for its own", "[spool]") {
  FaultyFileSystem files;
  make_journal(files, {record(100), record(200)});
  const std::string old = files.content(kPath);
  REQUIRE(files.remove(kPath));
  make_journal(files, {record(100)});
  files.set_content(kPath, files.content(kPath) + old.substr(kHeaderSize + kRecordSize));
  CHECK(Journal::open(files, kPath)->record_count() == 1);
}

TEST_CASE("journal: refuses a file with another beginning", "[spool]") {
  FaultyFileSystem files;
  for (const char* content : {"", "brspool", "brspool1________",
                              "\xfe"
                              "bin____________"}) {
    files.set_content(kPath, content);
    const auto journal = Journal::open(files, kPath);
    REQUIRE_FALSE(journal);
    CHECK(journal.error().kind() == base::ErrorKind::malformed);
  }
}

TEST_CASE("journal: knows the end of a long one", "[spool]") {
  FaultyFileSystem files;
  std::vector<JournalRecord> records;
  for (std::uint64_t end = 5; end < 10005; ++end) records.push_back(record(end));
  make_journal(files, records);
  auto journal = *Journal::open(files, kPath);
  CHECK(journal.record_count() == 10000);
  CHECK(**journal.last_within(6789) == record(6789));
}

}  // namespace
}  // namespace relay::spool
