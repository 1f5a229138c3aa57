#include "relay/seed/live_connections.h"

namespace relay::seed {

void LiveConnections::add(source::SourceConnection& connection) {
  const base::MutexLock lock(mutex_);
  connections_.push_back(&connection);
  if (interrupted_) connection.interrupt();
}

void LiveConnections::forget(source::SourceConnection& connection) {
  const base::MutexLock lock(mutex_);
  std::erase(connections_, &connection);
}

void LiveConnections::interrupt_all() {
  const base::MutexLock lock(mutex_);
  interrupted_ = true;
  for (source::SourceConnection* connection : connections_) connection->interrupt();
}

bool LiveConnections::interrupted() {
  const base::MutexLock lock(mutex_);
  return interrupted_;
}

}  // namespace relay::seed
