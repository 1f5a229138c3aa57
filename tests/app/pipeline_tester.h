#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/app/audit.h"
#include "relay/app/pipeline.h"
#include "relay/app/resolution.h"
#include "tests/spool/spool_tester.h"
#include "tests/support/faulty_file.h"

namespace relay::app::testing {

// A source's log, a letter for each thing in it, and the relay's pipeline behind it with everything that it writes:
//   F  a new log file             t  a transaction of rows        s  a transaction with a statement that changes data
//   u  a transaction with an event type of the future             a  ALTER TABLE d.t in words that nobody knows
//   r  the transaction before, once more
// Transactions are numbered from 1; the number is the GTID's.
class PipelineTester {
 public:
  PipelineTester(std::string log, binlog::Flavor flavor, spool::SyncPolicy policy = {});

  // Opens everything as a starting process does, with what the operator has decided.
  [[nodiscard]] base::Result<void> open();
  void close();
  // Reads the log from where the spool says to its end. Stops at the first error.
  [[nodiscard]] base::Result<void> play();

  [[nodiscard]] TransactionName transaction() const { return pipeline_->transaction(); }
  [[nodiscard]] std::vector<std::uint64_t> replica();
  // "BEGIN|COMMIT|..." of every statement in the spool.
  [[nodiscard]] std::string statements();
  [[nodiscard]] std::uint64_t audit_entries(const std::string& kind);
  [[nodiscard]] scrub_rules::SchemaHistory& history() { return *history_; }

  relay::testing::FaultyFileSystem files;
  static constexpr const char* kDirectory = "spool";
  static constexpr const char* kStatement = "INSERT INTO d.t VALUES ('a secret of the source')";

 private:
  struct Event {
    std::string bytes;
    std::string file;
    std::uint64_t start = 0;
  };
  void add(const std::string& bytes);
  void add_transaction(char letter, std::uint64_t number);
  [[nodiscard]] base::Result<void> process(const Event& event);

  binlog::Flavor flavor_;
  spool::SyncPolicy policy_;
  binlog::FormatDescription format_;
  std::vector<Event> events_;
  std::string file_;
  std::uint64_t offset_ = 0;

  scrub_rules::RuleSet rules_;
  RelayStatus status_;
  std::unique_ptr<spool::SpoolIndex> index_;
  std::unique_ptr<spool::PublishedTail> tail_;
  spool::SpoolLeases leases_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  std::unique_ptr<scrub_rules::SchemaHistory> history_;
  std::unique_ptr<scrub_rules::EventScrubber> scrubber_;
  std::unique_ptr<scrub_rules::PassedTransaction> passed_;
  std::unique_ptr<spool::AuditRecord> record_;
  std::optional<Audit> audit_;
  std::optional<AuditCounts> counts_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace relay::app::testing
