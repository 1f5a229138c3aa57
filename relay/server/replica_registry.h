#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/spool/spool_types.h"

namespace relay::server {

// A replica as `status` shows it.
struct ReplicaStatus {
  bool connected = false;
  std::uint32_t connection_id = 0;
  std::uint32_t server_id = 0;
  std::string uuid;     // MySQL; empty otherwise
  std::string address;  // the peer's, with port
  std::string user;
  std::string kind;                             // "MySQL 9.7.4"
  spool::SpoolPosition position;                // sent up to
  std::string gtids;                            // sent, or had before; empty without GTIDs
  std::uint64_t lag_bytes = 0;                  // between position and published tail
  std::chrono::system_clock::time_point since;  // connected, or last seen when it is not connected
};

// The replicas that are being served, and those that once were: their next start needs the file that they stood in. Any
// thread.
class ReplicaRegistry {
 public:
  // `path`: where known replicas are kept over restarts; empty: nowhere.
  ReplicaRegistry(base::FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  // Reads the file; an absent one means none. Errors: io, malformed.
  [[nodiscard]] base::Result<void> load();
  // Writes the file if anything has changed since. No session waits for the disk: what is written late names an older
  // file, which is then only kept longer.
  [[nodiscard]] base::Result<void> store();

  // A dump begins. An older dump of the same replica (MySQL: its uuid, else its server id) is ended by its `end`.
  // Replicas without a server id (tools) are not remembered. Returns a handle.
  std::uint64_t enter(ReplicaStatus status, std::function<void()> end);
  void update(std::uint64_t handle, const spool::SpoolPosition& position, const spool::GtidState& gtids);
  // The dump is over; `end` is not called any more when this returns. Where it went.
  ReplicaStatus leave(std::uint64_t handle);

  // Connected ones first, then the known ones that are away. lag_bytes is left 0.
  [[nodiscard]] std::vector<ReplicaStatus> snapshot() const;
  // The lowest spool file that a connected or known replica stands in; none without replicas.
  [[nodiscard]] std::optional<std::uint32_t> lowest_file_needed() const;

 private:
  struct Served {
    ReplicaStatus status;
    spool::GtidState gtids;
    std::function<void()> end;
  };
  struct Known {
    std::uint32_t server_id = 0;
    std::string uuid;
    std::string kind;
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
    std::int64_t last_seen = 0;  // seconds since 1970
  };
  void remember(const Served& served) RELAY_REQUIRES(mutex_);
  [[nodiscard]] std::string encode() const RELAY_REQUIRES(mutex_);

  base::FileSystem& files_;
  std::string path_;
  base::Mutex store_mutex_;  // one writer of the file at a time
  mutable base::Mutex mutex_;
  bool changed_ RELAY_GUARDED_BY(mutex_) = false;
  std::uint64_t next_handle_ RELAY_GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, Served> served_ RELAY_GUARDED_BY(mutex_);
  std::map<std::string, Known> known_ RELAY_GUARDED_BY(mutex_);  // by identity
};

// The uuid, or "server-id 17" where there is none; empty for tools.
[[nodiscard]] std::string replica_identity(const ReplicaStatus& status);

}  // namespace relay::server
