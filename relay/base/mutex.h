#pragma once

#include <condition_variable>
#include <mutex>

// Clang checks at compile time that guarded members are touched only with their mutex held (-Wthread-safety).
#if defined(__clang__)
#define RELAY_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define RELAY_THREAD_ANNOTATION(x)
#endif
#define RELAY_GUARDED_BY(mutex) RELAY_THREAD_ANNOTATION(guarded_by(mutex))
#define RELAY_REQUIRES(mutex) RELAY_THREAD_ANNOTATION(requires_capability(mutex))

namespace relay::base {

class RELAY_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() RELAY_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() RELAY_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class RELAY_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) RELAY_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELAY_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits with a Mutex that the caller holds.
using ConditionVariable = std::condition_variable_any;

}  // namespace relay::base
