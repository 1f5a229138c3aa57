#include <catch2/catch.hpp>

#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using binlog::Flavor;
using testing::FaultyFileSystem;
using testing::SpoolTester;
using Loss = FaultyFileSystem::Loss;
using Numbers = std::vector<std::uint64_t>;

constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};
constexpr SyncPolicy kNever{SyncPolicy::When::never, {}};
constexpr const char* kFile = "spool/spool.000001";
constexpr const char* kJournal = "spool/spool.000001.journal";

// A spool that was written and closed.
std::unique_ptr<SpoolTester> written(const char* log, SyncPolicy policy = kEach, Flavor flavor = Flavor::mysql) {
  auto spool = std::make_unique<SpoolTester>(log, flavor, policy);
  REQUIRE(spool->open());
  REQUIRE(spool->play());
  spool->close();
  return spool;
}

TEST_CASE("spool_recovery: a reopened spool goes on in its last file", "[spool]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    const auto spool = written("FttFttd", kEach, flavor);
    REQUIRE(spool->open());
    CHECK(spool->writer().has_open_file());
    CHECK(spool->writer().gtids() == spool->gtids_of({1, 2, 3, 4}));
    const auto& resume = spool->writer().resume_point();
    REQUIRE(resume);
    CHECK(resume->position == SourcePosition{"binlog.2", 204});  // the dropped one comes again
    CHECK(resume->source.flavor == flavor);
    CHECK(resume->gtids == spool->gtids_of({1, 2, 3, 4}));
    CHECK(spool->tail->get() == spool->writer().position());
    REQUIRE(spool->append(6, 10));
    REQUIRE(spool->commit(6, 500));
    CHECK(spool->replica() == Numbers{1, 2, 3, 4, 6});
  }
}

TEST_CASE("spool_recovery: a file without transactions resumes at its start", "[spool]") {
  const auto spool = written("FtF");
  REQUIRE(spool->open());
  CHECK(spool->writer().resume_point()->position == SourcePosition{"binlog.2", 4});
  CHECK(spool->writer().gtids() == spool->gtids_of({1}));
  CHECK(spool->replica() == Numbers{1});
}

TEST_CASE("spool_recovery: cuts bytes that no journal record covers", "[spool]") {
  const auto reference = written("Ft");
  const std::size_t end = reference->files.content(kFile).size();
  const auto spool = written("Ftt");
  const std::string whole = spool->files.content(kFile);
  const std::string journal = spool->files.content(kJournal);
  for (std::size_t size = end; size < whole.size(); size += 7) {
    spool->files.set_content(kFile, whole.substr(0, size));
    spool->files.set_content(kJournal, journal.substr(0, journal.size() - 40));
    REQUIRE(spool->open());
    CHECK(spool->files.content(kFile).size() == end);
    CHECK(spool->replica() == Numbers{1});
    CHECK(spool->writer().resume_point()->position.offset == 104);
    spool->close();
  }
}

TEST_CASE("spool_recovery: a whole transaction without its journal record was never acknowledged and comes again",
          "[spool]") {
  const auto spool = written("Ftt");
  const std::string journal = spool->files.content(kJournal);
  spool->files.set_content(kJournal, journal.substr(0, journal.size() - 1));
  REQUIRE(spool->open());
  CHECK(spool->replica() == Numbers{1});
  REQUIRE(spool->play());
  CHECK(spool->replica() == Numbers{1, 2});
}

TEST_CASE("spool_recovery: damage below what was durable is an error with file and offset, and nothing is cut",
          "[spool]") {
  const auto spool = written("Fttt");
  const std::string whole = spool->files.content(kFile);
  const std::string journal = spool->files.content(kJournal);
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    spool->files.set_content(kFile, damaged);
    const auto opened = spool->open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind() == base::ErrorKind::malformed);
    CHECK(opened.error().subject() == kFile);
    REQUIRE(opened.error().offset());
    CHECK(*opened.error().offset() <= at);
    CHECK(spool->files.content(kFile) == damaged);
    CHECK(spool->files.content(kJournal) == journal);
  }
  spool->files.set_content(kFile, whole.substr(0, whole.size() - 1));
  CHECK_FALSE(spool->open());
  spool->files.set_content(kFile, "");
  CHECK_FALSE(spool->open());
}

TEST_CASE("spool_recovery: damage behind what was durable is cut at a commit", "[spool]") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const auto spool = written("Ftstltttdttat", kNever);
    spool->files.restart(Loss::some, seed);
    const auto opened = spool->open();
    if (!opened) FAIL("seed " << seed << ": " << opened.error().message());
    const Numbers got = spool->replica();
    REQUIRE_FALSE(got.empty());  // the first was flushed
    CHECK(spool->writer().gtids() == spool->gtids_of(got));
    CHECK(spool->resumes_behind(got));
    REQUIRE(spool->play());
    CHECK(spool->replica() == spool->all());
    spool->close();
    REQUIRE(spool->open());  // the journal holds nothing of what was cut
    CHECK(spool->replica() == spool->all());
  }
}

TEST_CASE("spool_recovery: a ROTATE without a successor is cut, and written again once", "[spool]") {
  auto spool = std::make_unique<SpoolTester>("FtFt", Flavor::mysql, kEach);
  REQUIRE(spool->open());
  REQUIRE(spool->start_file(1));
  REQUIRE(spool->append(1, 300));
  REQUIRE(spool->commit(1, 104));
  const std::uint64_t end = spool->writer().position().offset;
  // Crash in the first call of start_file() after which the ROTATE is on the disk.
  spool->files.crash_at(spool->files.calls() + 5, true);
  REQUIRE_FALSE(spool->start_file(2));
  spool->close();
  REQUIRE(spool->files.content(kFile).size() > end);
  spool->files.restart(Loss::nothing);
  REQUIRE(spool->open());
  CHECK(spool->writer().position() == SpoolPosition{1, end});
  CHECK(spool->files.content(kFile).size() == end);
  CHECK(spool->writer().has_open_file());
  REQUIRE(spool->play());
  CHECK(spool->replica() == Numbers{1, 2});
}

TEST_CASE("spool_recovery: a file that was made but not indexed is removed", "[spool]") {
  const auto spool = written("Ft");
  spool->files.set_content("spool/spool.000002", "half a head");
  REQUIRE(spool->open());
  CHECK(spool->files.content("spool/spool.000002").empty());
  spool->close();
  spool->files.set_content("spool/spool.000002.journal", "brsp");
  REQUIRE(spool->open());
  CHECK(spool->files.content("spool/spool.000002.journal").empty());
  REQUIRE(spool->start_file(2));
}

TEST_CASE("spool_recovery: a file with transactions that the index does not name is never removed", "[spool]") {
  const auto spool = written("FtFt");
  const auto other = written("Ft");
  // An older index, or none.
  for (const std::string& index : {other->files.content("spool/spool.index"), std::string()}) {
    if (index.empty())
      REQUIRE(spool->files.remove("spool/spool.index"));
    else
      spool->files.set_content("spool/spool.index", index);
    const auto names = spool->files.names();
    const auto opened = spool->open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind() == base::ErrorKind::malformed);
    CHECK(spool->files.names() == names);
  }
}

TEST_CASE("spool_recovery: what a purge left behind is removed", "[spool]") {
  const auto spool = written("FtFtFt");
  const std::string old = spool->files.content(kFile);
  const std::string old_journal = spool->files.content(kJournal);
  REQUIRE(spool->open());
  REQUIRE(spool->index->remove_oldest(1));
  spool->close();
  spool->files.set_content(kFile, old);
  spool->files.set_content(kJournal, old_journal);
  REQUIRE(spool->open());
  CHECK(spool->files.content(kFile).empty());
  CHECK(spool->files.content(kJournal).empty());
  CHECK(spool->replica() == Numbers{2, 3});
}

TEST_CASE("spool_recovery: a missing or foreign journal is an error", "[spool]") {
  const auto spool = written("Ft");
  const auto other = written("Fltt");
  spool->files.set_content(kJournal, other->files.content(kJournal));
  CHECK_FALSE(spool->open());
  REQUIRE(spool->files.remove(kJournal));
  CHECK_FALSE(spool->open());
}

}  // namespace
}  // namespace relay::spool
