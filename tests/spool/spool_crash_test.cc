#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

#include "tests/spool/spool_tester.h"

namespace relay::spool {
namespace {

using binlog::Flavor;
using testing::FaultyFileSystem;
using testing::SpoolTester;
using Loss = FaultyFileSystem::Loss;
using Numbers = std::vector<std::uint64_t>;

constexpr const char* kLog = "FtdtaltFFtsttdFtt";
constexpr const char* kLogNotHeld = "FtdtaLtFFtsttdFtt";  // has an event that its readers do not hold
constexpr SyncPolicy kEach{SyncPolicy::When::transaction, {}};
constexpr SyncPolicy kInterval{SyncPolicy::When::interval, std::chrono::milliseconds(1)};
constexpr SyncPolicy kNever{SyncPolicy::When::never, {}};

bool is_prefix(const Numbers& part, const Numbers& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

// Opens the spool after a crash and holds it to the promises; `durable`: what was acknowledged must be there.
void check_reopened(SpoolTester& spool, bool durable) {
  const auto opened = spool.open();
  if (!opened) FAIL(opened.error().message());
  const Numbers got = spool.replica();
  REQUIRE(is_prefix(got, spool.all()));
  if (durable) {
    // One more than was acknowledged: its commit() was under way.
    REQUIRE(is_prefix(spool.acknowledged(), got));
    REQUIRE(got.size() <= spool.acknowledged().size() + 1);
  }
  REQUIRE(spool.writer().gtids() == spool.gtids_of(got));
  REQUIRE(spool.resumes_behind(got));
  const auto played = spool.play();
  if (!played) FAIL(played.error().message());
  REQUIRE(spool.replica() == spool.all());
  REQUIRE(spool.writer().gtids() == spool.gtids_of(spool.all()));
  spool.close();
  REQUIRE(spool.open());
  REQUIRE(spool.replica() == spool.all());
}

// A crash in the middle of each call in turn. The number of calls that were tried.
std::uint64_t crash_everywhere(Flavor flavor, SyncPolicy policy, Loss loss, bool done, const char* log = kLog) {
  const bool durable = policy.when == SyncPolicy::When::transaction || loss == Loss::nothing;
  for (std::uint64_t call = 1;; ++call) {
    SpoolTester spool(log, flavor, policy);
    spool.files.crash_at(call, done);
    const bool played = spool.open() && spool.play();
    if (!spool.files.crashed()) return call;
    INFO("crash in call " << call << (done ? ", done" : ", half done"));
    REQUIRE_FALSE(played);
    spool.close();
    spool.files.restart(loss, static_cast<std::uint32_t>(call));
    check_reopened(spool, durable);
  }
}

TEST_CASE("spool_crash: killed in any call, nothing is lost and nothing comes twice", "[spool]") {
  for (const bool done : {false, true}) {
    for (const SyncPolicy policy : {kEach, kInterval, kNever})
      CHECK(crash_everywhere(Flavor::mysql, policy, Loss::nothing, done) > 80);
    CHECK(crash_everywhere(Flavor::mariadb, kEach, Loss::nothing, done) > 80);
  }
}

TEST_CASE("spool_crash: power lost in any call, what was acknowledged under sync = transaction is there", "[spool]") {
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    for (const Loss loss : {Loss::unsynced, Loss::some}) {
      for (const bool done : {false, true}) CHECK(crash_everywhere(flavor, kEach, loss, done) > 100);
    }
    CHECK(crash_everywhere(flavor, kEach, Loss::some, false, kLogNotHeld) > 100);
  }
}

TEST_CASE("spool_crash: power lost in any call under interval and off, the spool opens at a commit and goes on",
          "[spool]") {
  for (const SyncPolicy policy : {kInterval, kNever}) {
    for (const Loss loss : {Loss::unsynced, Loss::some}) {
      for (const bool done : {false, true}) CHECK(crash_everywhere(Flavor::mysql, policy, loss, done) > 80);
    }
  }
}

TEST_CASE("spool_crash: killed again in any call of the recovery, the next one still finds everything", "[spool]") {
  for (const Loss loss : {Loss::nothing, Loss::unsynced, Loss::some}) {
    for (const std::uint64_t first : {30u, 47u, 61u, 77u, 84u, 85u, 86u, 90u, 101u}) {
      for (std::uint64_t call = 1;; ++call) {
        SpoolTester spool(kLog, Flavor::mysql, kEach);
        spool.files.crash_at(first, false);
        REQUIRE_FALSE((spool.open() && spool.play()));
        spool.close();
        spool.files.restart(loss, static_cast<std::uint32_t>(first));
        spool.files.crash_at(spool.files.calls() + call, call % 2 == 0);
        const bool opened = spool.open().has_value();
        spool.close();
        spool.files.restart(loss, static_cast<std::uint32_t>(call));
        check_reopened(spool, true);
        if (opened) break;
      }
    }
  }
}

// The fault strikes, the transaction is abandoned, and the same process goes on. The number of calls that were tried.
template <typename Arm, typename Repair>
std::uint64_t fail_everywhere(SyncPolicy policy, Arm arm, Repair repair) {
  for (std::uint64_t call = 1;; ++call) {
    INFO("fault in call " << call);
    SpoolTester spool(kLog, Flavor::mysql, policy);
    REQUIRE(spool.open());
    arm(spool.files, spool.files.calls() + call);
    const auto played = spool.play();
    if (!spool.files.struck()) return call;
    REQUIRE_FALSE(played);
    REQUIRE(spool.replica() == spool.acknowledged());
    const auto abandoned = spool.writer().abandon();
    if (!abandoned) FAIL(abandoned.error().message());
    REQUIRE(spool.replica() == spool.acknowledged());
    REQUIRE(spool.writer().gtids() == spool.gtids_of(spool.acknowledged()));
    REQUIRE_FALSE(spool.writer().in_transaction());
    repair(spool);
    const auto again = spool.play();
    if (!again) FAIL(again.error().message());
    REQUIRE(spool.replica() == spool.all());
    spool.close();
    spool.files.restart(Loss::nothing);
    REQUIRE(spool.open());
    REQUIRE(spool.replica() == spool.all());
    REQUIRE(spool.writer().gtids() == spool.gtids_of(spool.all()));
  }
}

TEST_CASE("spool_crash: the disk full in any call, abandon works without room and the stream goes on when there is",
          "[spool]") {
  for (const SyncPolicy policy : {kEach, kNever}) {
    const auto tried = fail_everywhere(
        policy, [](FaultyFileSystem& files, std::uint64_t call) { files.fill_up_at(call); },
        [](SpoolTester& spool) {
          CHECK_FALSE(spool.play());  // still full: fails again, and leaves no more behind than before
          REQUIRE(spool.writer().abandon());
          REQUIRE(spool.replica() == spool.acknowledged());
          spool.files.heal();
        });
    CHECK(tried > 60);
  }
}

TEST_CASE("spool_crash: any one call failing, the same process goes on after abandon", "[spool]") {
  for (const SyncPolicy policy : {kEach, kInterval, kNever}) {
    for (const int code : {EIO, ENOSPC}) {
      const auto tried = fail_everywhere(
          policy, [code](FaultyFileSystem& files, std::uint64_t call) { files.fail_call(call, code); },
          [](SpoolTester&) {});
      CHECK(tried > 60);
    }
  }
}

// The fault strikes, the transaction is abandoned, and in call `crash` of that, or behind it (0), the power goes.
template <typename Arm>
void abandon_and_lose_power(Loss loss, std::uint32_t seed, std::uint64_t crash, Arm arm) {
  for (std::uint64_t call = 1;; ++call) {
    INFO("fault in call " << call << ", crash in call " << crash << " of abandon");
    SpoolTester spool(kLog, Flavor::mariadb, kEach);
    REQUIRE(spool.open());
    arm(spool.files, spool.files.calls() + call);
    const auto played = spool.play();
    if (!spool.files.struck()) break;
    REQUIRE_FALSE(played);
    if (crash != 0) spool.files.crash_at(spool.files.calls() + crash, true);
    const auto abandoned = spool.writer().abandon();
    if (crash == 0) REQUIRE(abandoned);
    spool.close();
    spool.files.restart(loss, static_cast<std::uint32_t>(call) + seed);
    check_reopened(spool, true);
  }
}

TEST_CASE("spool_crash: the disk full, abandoned and the power lost, what was acknowledged is there", "[spool]") {
  const auto arm = [](FaultyFileSystem& files, std::uint64_t call) { files.fill_up_at(call); };
  for (const std::uint32_t seed : {0u, 1000u, 2000u, 3000u}) abandon_and_lose_power(Loss::some, seed, 0, arm);
  for (const std::uint64_t crash : {2u, 4u, 6u}) abandon_and_lose_power(Loss::some, 0, crash, arm);
}

TEST_CASE("spool_crash: any one call failing, abandoned and the power lost, what was acknowledged is there",
          "[spool]") {
  const auto arm = [](FaultyFileSystem& files, std::uint64_t call) { files.fail_call(call, EIO); };
  for (const std::uint32_t seed : {0u, 1000u, 2000u, 3000u}) abandon_and_lose_power(Loss::some, seed, 0, arm);
  abandon_and_lose_power(Loss::unsynced, 0, 0, arm);
}

}  // namespace
}  // namespace relay::spool
