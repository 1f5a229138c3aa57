#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "relay/app/admin_endpoint.h"
#include "relay/app/relay_status.h"
#include "relay/server/replica_registry.h"
#include "relay/spool/audit_lines.h"
#include "relay/spool/spool_hold.h"
#include "relay/spool/spool_types.h"
#include "tunnel/tunnel_status.h"

namespace relay::app {

struct SpoolReport {
  spool::SpoolPosition tail;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<spool::SpoolHold> holds;
  std::string holds_error;  // why they cannot be read: nothing is purged then
};

// Everything that /status and /metrics tell; made anew for each question.
struct StatusReport {
  RelayStatus::Snapshot relay;
  SpoolReport spool;
  std::vector<server::ReplicaStatus> replicas;
  std::vector<tunnel::TunnelStatus> tunnels;
  spool::AuditHead audit;
};

[[nodiscard]] std::string status_json(const StatusReport& report);
// Prometheus text; every name begins with binlog_relay_.
[[nodiscard]] std::string metrics_text(const StatusReport& report);
// What `status` prints for a person, from the JSON of /status. Empty when it is no such JSON.
[[nodiscard]] std::string status_text(const std::string& json);

// 200 while streaming, and while the source is away for less than `source_lost_after`; 503 with the reason when halted
// or waiting for the disk.
[[nodiscard]] AdminAnswers::Health health(const RelayStatus::Snapshot& snapshot,
                                          std::chrono::seconds source_lost_after);
// Healthy, once connected, and at most `max_lag` seconds behind the source.
[[nodiscard]] AdminAnswers::Health readiness(const RelayStatus::Snapshot& snapshot, double max_lag);

}  // namespace relay::app
