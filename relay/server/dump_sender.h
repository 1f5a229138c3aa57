#pragma once

#include <functional>

#include "relay/base/stop_token.h"
#include "relay/binlog/event_maker.h"
#include "relay/server/dump_request.h"
#include "relay/server/event_packer.h"
#include "relay/server/group_filter.h"
#include "relay/server/source_facts.h"

namespace relay::server {

// Sends the spool to one client. The stream opens like a source's:
//
//   1. an artificial ROTATE: the file's name and where reading starts
//   2. the file's format description; with next position and creation time 0 when reading starts behind it
//   3. the events from there on; at each new file again 1 and 2, behind the real ROTATE that ended the old one
//
// No event of ours comes between 2 and 3, as none of a source's does: which GTIDs lie before, MariaDB's replicas ask
// before the dump (binlog_gtid_pos). One without GTIDs that was cut between the row events of a statement stops at 1
// (1595), with a source as with us; START SLAVE lets it go on there.
//
// Between them, when nothing else was sent for the period that the client asked for, heartbeats with the position of
// the end of the last event; none between 1 and 2, where the client's position is not yet the file's. With GTIDs,
// reading starts at a file's beginning and transactions that the client has are passed over. Every client gets the same
// events: what was served for a GTID never changes.
class DumpSender {
 public:
  // Called now and then with the position sent up to and the GTIDs sent (with those that the client had).
  using Progress = std::function<void(const spool::SpoolPosition&, const spool::GtidState&)>;

  // References must outlive the object. `server_id` is the relay's own, for events it makes.
  DumpSender(PacketChannel& channel, const SpoolAccess& spool, const SourceFacts& facts, std::uint32_t server_id,
             const base::StopToken& stop, Progress progress);

  // Runs until the client leaves, the stop is asked for, or (non-blocking) the end is reached. A refusal was told to
  // the client.
  [[nodiscard]] DumpEnd run(DumpRequest request);

 private:
  [[nodiscard]] DumpResult<void> send_stream(DumpRequest& request);
  [[nodiscard]] DumpResult<void> open_stream(const DumpRequest& request, const spool::SpoolPosition& start);
  [[nodiscard]] DumpResult<void> enter_middle(const spool::SpoolPosition& start);
  [[nodiscard]] DumpResult<void> follow();
  [[nodiscard]] DumpResult<void> handle(const binlog::EventView& event);
  [[nodiscard]] DumpResult<void> handle_large(const binlog::EventHeader& header);
  [[nodiscard]] DumpResult<void> move_client();
  [[nodiscard]] DumpResult<void> pass_over();
  [[nodiscard]] DumpResult<void> begin_file(const binlog::EventView& format, std::uint32_t file, std::uint64_t start,
                                            bool forget_created);
  [[nodiscard]] DumpResult<void> send_format(const binlog::EventView& format, bool in_the_middle, bool forget_created);
  [[nodiscard]] DumpResult<void> wait_for_more(const spool::SpoolPosition& seen);
  [[nodiscard]] DumpResult<void> look_up();
  [[nodiscard]] DumpResult<void> send_heartbeat();
  [[nodiscard]] bool heartbeat_is_due() const;
  void report();

  PacketChannel& channel_;
  SpoolAccess spool_;
  const SourceFacts& facts_;
  std::uint32_t server_id_;
  const base::StopToken& stop_;
  Progress progress_;

  spool::SpoolReader reader_;
  std::optional<EventPacker> packer_;
  std::optional<binlog::EventMaker> maker_;
  binlog::ChecksumAlgorithm checksum_ = binlog::ChecksumAlgorithm::none;
  GroupFilter filter_;
  base::Buffer made_{1 << 20};
  spool::GtidState gtids_;   // sent, or had by the client
  spool::SpoolPosition at_;  // end of the last event that was sent or passed over
  bool in_file_ = false;     // the format description of at_.file is sent and no ROTATE since
  bool skipped_ = false;     // events were passed over since the last that was sent
  bool tell_skips_ = false;  // MySQL auto-position: a heartbeat moves the client over what was passed over
  bool to_mariadb_ = false;
  bool heartbeats_v2_ = false;
  bool format_has_heartbeat_v2_ = false;
  bool non_blocking_ = false;
  std::chrono::nanoseconds heartbeat_period_{0};
  std::uint32_t since_look_up_ = 0;  // events
};

}  // namespace relay::server
