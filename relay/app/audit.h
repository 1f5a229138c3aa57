#pragma once

#include <string>
#include <vector>

#include "relay/app/resolution.h"
#include "relay/server/replica_registry.h"
#include "relay/spool/audit_record.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_types.h"

namespace relay::app {

// What the daemon writes into the audit record: one function per kind of entry (relay/spool/FORMAT.md lists their
// members). Any thread may call any member. Each entry is durable when its function returns; errors: io.
class Audit {
 public:
  explicit Audit(spool::AuditRecord& record) : record_(record) {}

  struct Start {
    std::string version, configuration, rules_digest;
    spool::SpoolPosition tail;
  };
  // Tells also what lies in the spool without having been counted, since the last process was killed.
  [[nodiscard]] base::Result<void> started(const Start& start, base::FileSystem& files, const spool::SpoolIndex& index);
  [[nodiscard]] base::Result<void> stopped(std::string_view why, const spool::SpoolPosition& tail);
  // Nothing when the last entry about a source says the same.
  [[nodiscard]] base::Result<void> source(std::string_view id, std::string_view version, std::string_view address);
  [[nodiscard]] base::Result<void> halted(const HaltNote& note);
  // Nothing when this one is in the record already: the process was killed before it could be carried out.
  [[nodiscard]] base::Result<void> resolved(const Resolution& resolution);
  [[nodiscard]] bool has_resolved(const Resolution& resolution) const;
  [[nodiscard]] base::Result<void> resolution_void(const Resolution& resolution, std::string_view why);
  [[nodiscard]] base::Result<void> rules_changed(std::string_view before, std::string_view after,
                                                 const spool::SpoolPosition& at,
                                                 const std::vector<std::string>& no_longer_leaving);
  [[nodiscard]] base::Result<void> rules_refused(std::string_view in_force, std::string_view refused,
                                                 const std::vector<std::string>& reasons);
  [[nodiscard]] base::Result<void> purged(std::uint32_t first, std::uint32_t last);
  // `kind`: "replica connected", "replica served", "replica left".
  [[nodiscard]] base::Result<void> replica(std::string_view kind, const server::ReplicaStatus& status);

  [[nodiscard]] base::Result<void> append(const spool::AuditEntry& entry);
  [[nodiscard]] spool::AuditHead head() const { return record_.head(); }

 private:
  spool::AuditRecord& record_;
};

}  // namespace relay::app
