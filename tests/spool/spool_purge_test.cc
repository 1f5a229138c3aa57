#include "relay/spool/spool_purge.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using binlog::Flavor;
using testing::SpoolTester;
using namespace std::chrono_literals;

constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};
constexpr std::uint32_t kDay = 86400;

// Five files; file N was made on day N, so it was finished on day N + 1.
struct Purging {
  SpoolTester spool{"FtFtFtFtFt", Flavor::mysql, kEach};
  Purging() {
    REQUIRE(spool.open());
    REQUIRE(spool.play());
    std::vector<SpoolFileEntry> entries = spool.index->entries();
    for (SpoolFileEntry& entry : entries) entry.created = entry.number * kDay;
    spool.files.set_content("spool/spool.index", encode_index(entries));
    REQUIRE(spool.index->load());
  }
  std::size_t purge(const KeepPolicy& policy, std::uint32_t now, std::optional<std::uint32_t> needed = {},
                    const std::vector<SpoolHold>& holds = {}) {
    const auto removed = spool::purge(spool.files, *spool.index, spool.leases, policy, needed, holds, now);
    REQUIRE(removed);
    return *removed;
  }
  std::vector<std::uint32_t> left() {
    std::vector<std::uint32_t> numbers;
    for (const auto& entry : spool.index->entries()) {
      numbers.push_back(entry.number);
      CHECK_FALSE(spool.files.content(spool.index->path(entry.number)).empty());
      CHECK_FALSE(spool.files.content(spool.index->journal_path(entry.number)).empty());
    }
    const std::vector<std::string> names = spool.files.names();
    const auto files = std::count_if(names.begin(), names.end(),
                                     [](const std::string& name) { return name.find("spool.0") != std::string::npos; });
    CHECK(static_cast<std::size_t>(files) == numbers.size() * 2);
    return numbers;
  }
  std::uint64_t size_of(std::uint32_t number) {
    return spool.files.content(spool.index->path(number)).size() +
           spool.files.content(spool.index->journal_path(number)).size();
  }
};
using Files = std::vector<std::uint32_t>;

TEST_CASE("spool_purge: without limits nothing goes", "[spool]") {
  Purging purging;
  CHECK(purging.purge({}, 1000 * kDay) == 0);
  CHECK(purging.left() == Files{1, 2, 3, 4, 5});
}

TEST_CASE("spool_purge: what a snapshot needs stays until its time is over", "[spool]") {
  Purging purging;
  const std::vector<SpoolHold> holds{{"a", 4, 2000 * kDay}, {"b", 2, 1000 * kDay}, {"c", 3, 1001 * kDay}};
  CHECK(purging.purge({0s, {}}, 999 * kDay, {}, holds) == 1);
  CHECK(purging.left() == Files{2, 3, 4, 5});
  CHECK(purging.purge({0s, {}}, 1000 * kDay, {}, holds) == 1);
  CHECK(purging.left() == Files{3, 4, 5});
  CHECK(purging.purge({0s, {}}, 1001 * kDay, {}, holds) == 1);
  CHECK(purging.left() == Files{4, 5});
}

TEST_CASE("spool_purge: a file goes when it was finished longer ago than it is kept", "[spool]") {
  Purging purging;
  const KeepPolicy week{std::chrono::hours(24 * 7), {}};
  CHECK(purging.purge(week, 9 * kDay) == 0);
  CHECK(purging.purge(week, 9 * kDay + 1) == 1);
  CHECK(purging.left() == Files{2, 3, 4, 5});
  CHECK(purging.purge(week, 11 * kDay + 1) == 2);
  CHECK(purging.left() == Files{4, 5});
}

TEST_CASE("spool_purge: never the last file, however old and large", "[spool]") {
  Purging purging;
  CHECK(purging.purge({0s, 0}, 1000 * kDay) == 4);
  CHECK(purging.left() == Files{5});
  CHECK(purging.purge({0s, 0}, 1000 * kDay) == 0);
  CHECK(purging.left() == Files{5});
}

TEST_CASE("spool_purge: a clock that went back removes nothing", "[spool]") {
  Purging purging;
  CHECK(purging.purge({0s, {}}, 0) == 0);
}

TEST_CASE("spool_purge: the oldest files go until the rest fits", "[spool]") {
  Purging purging;
  const std::uint64_t three = purging.size_of(3) + purging.size_of(4) + purging.size_of(5);
  CHECK(purging.purge({{}, three}, 0) == 2);
  CHECK(purging.left() == Files{3, 4, 5});
  CHECK(purging.purge({{}, three - 1}, 0) == 1);
  CHECK(purging.left() == Files{4, 5});
}

TEST_CASE("spool_purge: keeps what a replica needs and everything behind it", "[spool]") {
  Purging purging;
  CHECK(purging.purge({0s, 0}, 1000 * kDay, 3) == 2);
  CHECK(purging.left() == Files{3, 4, 5});
  CHECK(purging.purge({0s, 0}, 1000 * kDay, 1) == 0);
}

TEST_CASE("spool_purge: keeps also what may still be on its way to a replica", "[spool]") {
  Purging purging;
  const std::uint64_t size = purging.spool.files.content(purging.spool.index->path(3)).size();
  CHECK(purging.purge({0s, 0, size + 1}, 1000 * kDay, 4) == 1);
  CHECK(purging.left() == Files{2, 3, 4, 5});
  CHECK(purging.purge({0s, 0, size}, 1000 * kDay, 4) == 1);
  CHECK(purging.left() == Files{3, 4, 5});
  CHECK(purging.purge({0s, 0, 1 << 30}, 1000 * kDay, 5) == 0);
  CHECK(purging.purge({0s, 0, 1 << 30}, 1000 * kDay) == 2);
}

TEST_CASE("spool_purge: keeps the file that a reader stands in", "[spool]") {
  Purging purging;
  {
    SpoolReader reader(purging.spool.files, *purging.spool.index, *purging.spool.tail, purging.spool.leases);
    REQUIRE(reader.seek({2, 4}));
    CHECK(purging.purge({0s, 0}, 1000 * kDay, 4) == 1);
    CHECK(purging.left() == Files{2, 3, 4, 5});
    while (*reader.next()) {
    }
    CHECK(purging.purge({0s, 0}, 1000 * kDay, 4) == 2);
    CHECK(purging.left() == Files{4, 5});
  }
  CHECK(purging.purge({0s, 0}, 1000 * kDay) == 1);
}

TEST_CASE("spool_purge: the writer goes on beside it and a restart finds the same spool", "[spool]") {
  Purging purging;
  REQUIRE(purging.spool.append(6, 10));
  CHECK(purging.purge({0s, 0}, 1000 * kDay) == 4);
  REQUIRE(purging.spool.commit(6, 1000));
  purging.spool.close();
  REQUIRE(purging.spool.open());
  CHECK(purging.spool.replica() == std::vector<std::uint64_t>{5, 6});
  CHECK(purging.spool.writer().gtids() == purging.spool.gtids_of({1, 2, 3, 4, 5, 6}));
}

TEST_CASE("spool_purge: cut short in any call it leaves a spool that opens", "[spool]") {
  for (const auto loss : {testing::FaultyFileSystem::Loss::nothing, testing::FaultyFileSystem::Loss::unsynced,
                          testing::FaultyFileSystem::Loss::some}) {
    for (std::uint64_t call = 1;; ++call) {
      Purging purging;
      purging.spool.files.crash_at(purging.spool.files.calls() + call, call % 2 == 0);
      (void)spool::purge(purging.spool.files, *purging.spool.index, purging.spool.leases, {0s, {}}, 4, {}, 1000 * kDay);
      const bool crashed = purging.spool.files.crashed();
      purging.spool.close();
      purging.spool.files.restart(loss, static_cast<std::uint32_t>(call));
      REQUIRE(purging.spool.open());
      const auto numbers = purging.spool.replica();
      CHECK((numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5} || numbers == std::vector<std::uint64_t>{4, 5}));
      (void)purging.left();
      if (!crashed) break;
    }
  }
}

}  // namespace
}  // namespace relay::spool
