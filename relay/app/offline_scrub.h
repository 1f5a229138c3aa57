#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/app/egress.h"
#include "relay/app/pipeline.h"
#include "relay/app/relay_status.h"
#include "relay/app/schema_of_relay.h"
#include "relay/base/file.h"
#include "relay/spool/published_tail.h"
#include "relay/spool/spool_index.h"
#include "scrub_rules/rule_set.h"

namespace relay::app {

struct OfflineScrubRequest {
  std::vector<std::string> files;  // binary log files of one server, in order
  std::string output;              // an empty folder, or one that is not there yet
  std::string schema_file;         // may be empty
  bool fold_case = false;          // lower_case_table_names > 0 at the server
};

struct OfflineScrubReport {
  std::uint64_t transactions = 0;
  scrub_rules::ScrubCounters scrub;
  std::string schema;  // where the schema at the start came from, for a person; empty: from nowhere
  // Where it stopped; empty when it did not.
  bool halted = false;  // by a rule, or by what is not understood: else the file itself is at fault, or the disk
  std::string file;
  std::uint64_t transaction_start = 0;
  std::string gtid;
};

// The scrubbing of the stream on binary log files: the same pipeline, egress check and spool writer, without a network.
// What comes out is a spool: `output` has a spool file for each file.
class OfflineScrub {
 public:
  // All must outlive it.
  OfflineScrub(base::FileSystem& files, const Configuration& configuration, const scrub_rules::RuleSet& rules,
               OfflineScrubRequest request);
  // Called with the bytes that are done, now and then.
  using Done = std::function<void(std::uint64_t)>;
  // Once. After an error everything before the transaction that it came in is in `output`, and report() says where.
  [[nodiscard]] base::Result<void> run(const Done& done);
  [[nodiscard]] const OfflineScrubReport& report() const { return report_; }
  ~OfflineScrub();

 private:
  // What the first file says of its server.
  struct Start {
    FileStart file;
    binlog::Flavor flavor = binlog::Flavor::mysql;
    std::uint32_t version_number = 0;
    std::uint32_t server_id = 0;
    spool::GtidState gtids_before;
  };
  [[nodiscard]] base::Result<Start> read_start(const std::string& path) const;
  [[nodiscard]] base::Result<void> prepare(const Start& start);
  [[nodiscard]] base::Result<KnownSchema> find_schema(const Start& start);
  [[nodiscard]] base::Result<void> set_schema(KnownSchema schema);
  [[nodiscard]] base::Result<base::Secret> find_xa_key();
  [[nodiscard]] base::Result<void> scrub_file(const std::string& path, const Done& done);
  [[nodiscard]] base::Result<void> check_follows(const binlog::EventView& event, const std::string& path) const;

  base::FileSystem& files_;
  const Configuration& configuration_;
  const scrub_rules::RuleSet& rules_;
  OfflineScrubRequest request_;
  OfflineScrubReport report_;
  RelayStatus status_;
  spool::SpoolIndex index_;
  spool::PublishedTail tail_;
  Egress egress_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  std::unique_ptr<scrub_rules::SchemaHistory> history_;
  std::unique_ptr<scrub_rules::EventScrubber> scrubber_;
  std::unique_ptr<Pipeline> pipeline_;
  std::uint64_t bytes_before_ = 0;  // of the files that are done
};

}  // namespace relay::app
