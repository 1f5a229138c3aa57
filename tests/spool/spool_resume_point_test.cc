#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/spool/spool_tester.h"

// What a writer knows of the place to go on from, and which file it goes on with when a new one failed.
namespace relay::spool {
namespace {

using binlog::Flavor;
using testing::FaultyFileSystem;
using testing::SpoolTester;
using Numbers = std::vector<std::uint64_t>;

constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};

TEST_CASE("spool_resume_point: knows the mark of the schema at its end, of transactions too of which nothing was left",
          "[spool]") {
  SpoolTester spool("", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  SpoolFileEntry entry = spool.entry("binlog.1");
  entry.schema_mark = 10;
  REQUIRE(spool.writer().start_file(entry, spool.format()));
  const auto mark = [&spool] { return spool.writer().resume_point()->schema_mark; };
  const auto restarted = [&] {
    spool.close();
    REQUIRE(spool.open());
    return mark();
  };
  CHECK(mark() == 10);
  CHECK(restarted() == 10);
  SpoolWriter::Commit commit;
  commit.source_end = 100;
  commit.schema_mark = 11;
  REQUIRE(spool.append(1, 10));
  REQUIRE(spool.writer().commit(commit));
  CHECK(mark() == 11);
  commit.source_end = 200;
  commit.schema_mark = 12;
  REQUIRE(spool.writer().commit(commit));
  CHECK(mark() == 12);
  CHECK(restarted() == 11);
  REQUIRE(spool.writer().commit(commit));
  REQUIRE(spool.writer().flush());
  CHECK(restarted() == 12);
  entry.source_start.file = "binlog.2";
  entry.schema_mark = 12;
  REQUIRE(spool.writer().start_file(entry, spool.format()));
  CHECK(restarted() == 12);
}

TEST_CASE("spool_resume_point: the old file goes on after a new one that failed to start, whatever failed", "[spool]") {
  for (const bool crash : {false, true}) {
    for (std::uint64_t call = 1;; ++call) {
      INFO("call " << call << ", crash " << crash);
      SpoolTester spool("Ft", Flavor::mysql, kEach);
      REQUIRE(spool.open());
      REQUIRE(spool.play());
      spool.files.fail_call(spool.files.calls() + call, EIO);
      if (spool.start_file(2)) break;
      REQUIRE(spool.writer().abandon());
      REQUIRE(spool.writer().go_on_with_file());
      CHECK(spool.writer().has_open_file());
      REQUIRE(spool.append(2, 10));
      REQUIRE(spool.commit(2, 200));
      CHECK(spool.replica() == Numbers{1, 2});
      if (crash) {
        spool.close();
        spool.files.restart(FaultyFileSystem::Loss::unsynced);
        REQUIRE(spool.open());
        CHECK(spool.writer().position().file == 1);
      }
      REQUIRE(spool.start_file(2));
      REQUIRE(spool.append(3, 10));
      REQUIRE(spool.commit(3, 100));
      CHECK(spool.replica() == Numbers{1, 2, 3});
    }
  }
}

TEST_CASE("spool_resume_point: going on with the old file can itself fail and be tried again", "[spool]") {
  for (std::uint64_t call = 1;; ++call) {
    INFO("call " << call);
    SpoolTester spool("Ft", Flavor::mysql, kEach);
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    CHECK(spool.writer().go_on_with_file());
    spool.files.fail_call(spool.files.calls() + testing::calls_of_start_file(), EIO);
    REQUIRE_FALSE(spool.start_file(2));
    REQUIRE(spool.writer().abandon());
    spool.files.fail_call(spool.files.calls() + call, EIO);
    const bool failed = !spool.writer().go_on_with_file();
    spool.files.heal();
    REQUIRE(spool.writer().abandon());
    REQUIRE(spool.writer().go_on_with_file());
    REQUIRE(spool.append(2, 10));
    REQUIRE(spool.commit(2, 200));
    CHECK(spool.replica() == Numbers{1, 2});
    if (!failed) break;
  }
}

TEST_CASE("spool_resume_point: knows whether the last transaction had a GTID, of a file too that holds none yet",
          "[spool]") {
  SpoolTester spool("Ft", Flavor::mysql, kEach);
  REQUIRE(spool.open());
  REQUIRE(spool.play());
  const auto anonymous = [&spool] {
    spool.close();
    REQUIRE(spool.open());
    return spool.writer().resume_point()->anonymous;
  };
  CHECK_FALSE(anonymous());
  SpoolWriter::Commit commit;
  commit.source_end = 200;
  REQUIRE(spool.append(2, 10));
  REQUIRE(spool.writer().commit(commit));
  CHECK(spool.writer().resume_point()->anonymous);
  CHECK(anonymous());
  REQUIRE(spool.start_file(2));
  CHECK(anonymous());
  REQUIRE(spool.append(3, 10));
  REQUIRE(spool.commit(3, 100));
  CHECK_FALSE(anonymous());
}

}  // namespace
}  // namespace relay::spool
