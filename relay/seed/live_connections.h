#pragma once

#include <vector>

#include "relay/base/mutex.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// Connections that may be asked to end from another thread.
class LiveConnections {
 public:
  // A connection that is known here; borrowed until it is forgotten.
  void add(source::SourceConnection& connection);
  void forget(source::SourceConnection& connection);
  // From any thread, for good: also for those that are added later.
  void interrupt_all();
  [[nodiscard]] bool interrupted();

 private:
  base::Mutex mutex_;
  std::vector<source::SourceConnection*> connections_ RELAY_GUARDED_BY(mutex_);
  bool interrupted_ RELAY_GUARDED_BY(mutex_) = false;
};

// A connection in a LiveConnections for as long as it lives.
class LiveConnection {
 public:
  explicit LiveConnection(LiveConnections& all) : all_(all) { all_.add(connection_); }
  LiveConnection(const LiveConnection&) = delete;
  LiveConnection& operator=(const LiveConnection&) = delete;
  ~LiveConnection() { all_.forget(connection_); }
  source::SourceConnection& operator*() { return connection_; }
  source::SourceConnection* operator->() { return &connection_; }

 private:
  LiveConnections& all_;
  source::SourceConnection connection_;
};

}  // namespace relay::seed
