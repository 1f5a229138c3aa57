#pragma once

#include <memory>
#include <string>

#include "relay/server/replica_server.h"
#include "relay/spool/spool_writer.h"

namespace relay::testing {

// A spool in a temporary folder, written by the real writer, and what serving it takes. Throws when anything fails.
class SampleSpool {
 public:
  // `like`: the golden binlog whose server it comes from ("my97-nopk"): flavour and format description.
  explicit SampleSpool(const std::string& like);
  ~SampleSpool();

  // Begins the next spool file.
  void start_file();
  // A row transaction with a GTID of this number (sample_uuid():number, or 3-7-number) and an event of about
  // `row_bytes` bytes.
  void add(std::uint64_t number, std::size_t row_bytes = 20);
  // A whole golden binlog as the next spool file, its transactions as they are.
  void add_golden(const std::string& name);
  // Appends part of a transaction without committing it: published it is not.
  void add_unfinished(std::uint64_t number);

  // Settings with the account replica/secret, on a free port, without delays, and with one RSA key for the whole
  // program.
  [[nodiscard]] server::ServerSettings settings() const;
  [[nodiscard]] std::unique_ptr<server::ReplicaServer> serve(server::ServerSettings settings);
  [[nodiscard]] std::unique_ptr<server::ReplicaServer> serve() { return serve(settings()); }

  // The content of a spool file.
  [[nodiscard]] std::string file(std::uint32_t number) const;
  [[nodiscard]] spool::SpoolPosition position() const { return tail_.get(); }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] server::SpoolAccess access() { return {base::posix_file_system(), *index_, tail_, leases_}; }
  [[nodiscard]] spool::SpoolIndex& index() { return *index_; }

 private:
  void append(const binlog::EventDraft& draft);

  std::string folder_;
  std::string like_;
  binlog::Flavor flavor_;
  std::unique_ptr<spool::SpoolIndex> index_;
  spool::PublishedTail tail_;
  spool::SpoolLeases leases_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  std::uint32_t source_files_ = 0;
  std::uint64_t source_offset_ = 4;
};

}  // namespace relay::testing
