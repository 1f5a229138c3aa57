#include "relay/spool/published_tail.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "relay/spool/spool_types.h"

namespace relay::spool {
namespace {

using namespace std::chrono_literals;

TEST_CASE("spool_types: a file name and its number turn into each other", "[spool]") {
  CHECK(spool_file_name(1) == "spool.000001");
  CHECK(spool_file_name(1234567) == "spool.1234567");
  CHECK(journal_file_name(2) == "spool.000002.journal");
  for (const std::uint32_t number : {1u, 999999u, 1000000u, 4294967295u})
    CHECK(spool_file_number(spool_file_name(number)) == number);
  for (const char* name : {"", "spool.", "spool.1", "spool.0000001", "spool.000001x", "spool.index", "spool.-00001",
                           "spool.4294967296", "spoo1.000001", "spool.000001.journal"})
    CHECK(spool_file_number(name) == 0);
}

TEST_CASE("published_tail: never moves backwards", "[spool]") {
  PublishedTail tail;
  CHECK(tail.get() == SpoolPosition{0, 0});
  tail.publish({2, 100});
  tail.publish({1, 5000});
  tail.publish({2, 99});
  CHECK(tail.get() == SpoolPosition{2, 100});
  tail.publish({3, 4});
  CHECK(tail.get() == SpoolPosition{3, 4});
}

TEST_CASE("published_tail: a waiter returns when the tail moves", "[spool]") {
  PublishedTail tail;
  tail.publish({1, 100});
  CHECK(tail.wait_beyond({1, 99}, 1h) == SpoolPosition{1, 100});  // at once
  std::thread writer([&tail] {
    std::this_thread::sleep_for(20ms);
    tail.publish({1, 100});  // not beyond: must not wake it for good
    tail.publish({1, 200});
  });
  CHECK(tail.wait_beyond({1, 100}, 1h) == SpoolPosition{1, 200});
  writer.join();
}

TEST_CASE("published_tail: a waiter gives up after its time", "[spool]") {
  PublishedTail tail;
  tail.publish({1, 100});
  const auto start = std::chrono::steady_clock::now();
  CHECK(tail.wait_beyond({1, 100}, 30ms) == SpoolPosition{1, 100});
  CHECK(std::chrono::steady_clock::now() - start >= 30ms);
  CHECK(tail.wait_beyond({1, 99}, std::chrono::milliseconds::max()) == SpoolPosition{1, 100});
}

TEST_CASE("published_tail: wake_all ends every wait", "[spool]") {
  PublishedTail tail;
  std::atomic<int> woken{0};
  const auto wait = [&] {
    if (tail.wait_beyond({1, 100}, 1h) == SpoolPosition{0, 0}) ++woken;
  };
  std::thread first(wait);
  std::thread second(wait);
  while (woken < 2) {
    tail.wake_all();
    std::this_thread::sleep_for(1ms);
  }
  first.join();
  second.join();
  CHECK(woken == 2);
}

}  // namespace
}  // namespace relay::spool
