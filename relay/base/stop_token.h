#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

namespace relay::base {

// Tells threads to stop. Any thread may call any member. A thread that waits in poll() adds descriptor() to what it
// polls: it becomes readable once, and stays so, when the stop is asked for.
class StopToken {
 public:
  StopToken() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  StopToken(const StopToken&) = delete;
  StopToken& operator=(const StopToken&) = delete;
  ~StopToken() { ::close(descriptor_); }

  void request_stop() {
    stopped_.store(true, std::memory_order_release);
    ::eventfd_write(descriptor_, 1);
  }
  [[nodiscard]] bool stop_requested() const { return stopped_.load(std::memory_order_acquire); }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Waits up to `time`; true when a stop was asked for.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const {
    pollfd poll{descriptor_, POLLIN, 0};
    ::poll(&poll, 1, static_cast<int>(time.count()));
    return stop_requested();
  }

 private:
  std::atomic<bool> stopped_{false};
  int descriptor_;
};

}  // namespace relay::base
