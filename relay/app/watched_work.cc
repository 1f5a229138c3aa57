#include "relay/app/watched_work.h"

#include <signal.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace relay::app {

namespace {

constexpr std::chrono::milliseconds kShowEvery{100};

// Whether SIGTERM or SIGINT came within `time`. REQUIRES: they are blocked.
bool signal_within(std::chrono::milliseconds time) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  const timespec wait{time.count() / 1000, time.count() % 1000 * 1'000'000};
  return ::sigtimedwait(&signals, nullptr, &wait) > 0;
}

}  // namespace

void watch_work(const std::function<void()>& work, const std::function<void()>& stop,
                const std::function<void()>& show) {
  std::atomic<bool> done{false};
  std::thread worker([&] {
    work();
    done = true;
  });
  while (!done) {
    if (signal_within(kShowEvery)) stop();
    show();
  }
  worker.join();
}

}  // namespace relay::app
