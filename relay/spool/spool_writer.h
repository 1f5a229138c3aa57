#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/event_draft.h"
#include "relay/binlog/format_description.h"
#include "relay/proof/egress_check.h"
#include "relay/spool/journal.h"
#include "relay/spool/published_tail.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

// When what was written is forced to the disk before it is published.
struct SyncPolicy {
  enum class When : std::uint8_t { transaction, interval, never };
  When when = When::transaction;
  std::chrono::milliseconds interval{0};
};

// Where a restart goes on: behind the last whole transaction that the spool holds. With GTIDs: everything in `gtids` is
// there. `position` is kept up to date with every commit, those of dropped transactions too; its offset is
// kUnknownOffset where start_file() was told so and nothing was committed since.
struct ResumePoint {
  SourceIdentity source;
  SourcePosition position;
  GtidState gtids;
  std::uint32_t schema_mark = 0;  // of the schema history there
  bool anonymous = false;         // the last transaction is of MySQL and had no GTID: `gtids` does not tell of it
};

// Writes the spool. One thread owns it. Appended is not published: bytes lie past the tail until commit() makes the
// transaction whole, patches its GTID event's transaction length, syncs as the policy says and moves the tail. Any
// error leaves the published part untouched; after one everything but abandon() answers with an error until abandon()
// succeeds (or the spool is opened again). Every event gets its place: size, next position (low 32 bits of the spool's
// own offset) and a fresh CRC-32 are made here. A new spool file starts only where the source starts one (start_file),
// never by size: so last_committed and sequence_number stay legal for multi-threaded appliers.
class SpoolWriter {
 public:
  // Opens the spool in `directory` (made when missing, locked against a second process), recovers it (FORMAT.md,
  // "Recovery") and publishes its tail. References must outlive the writer.
  [[nodiscard]] static base::Result<std::unique_ptr<SpoolWriter>> open(base::FileSystem& files,
                                                                       const std::string& directory, SyncPolicy policy,
                                                                       std::uint32_t server_id, SpoolIndex& index,
                                                                       PublishedTail& tail);

  // From here on `check` looks at everything that was written, in the file, before it is published; its error is that
  // of start_file() or commit(). Null: nobody looks. Must outlive the writer, or the next call of this.
  void check_with(proof::EgressCheck* check);

  // None when the spool is empty.
  [[nodiscard]] const std::optional<ResumePoint>& resume_point() const;
  // True when the last spool file can take more transactions: after opening a spool that has files, and after
  // start_file(). False in an empty spool, and after a start_file() that failed: then start_file() or go_on_with_file()
  // has to succeed first.
  [[nodiscard]] bool has_open_file() const;

  // Starts a new spool file for the source file that begins (or is entered) at `entry.source_start`: the old file gets
  // a ROTATE, the new one magic, `format` (checksums on, flag IN_USE clear) and PREVIOUS_GTIDS or GTID_LIST. Published
  // at once. entry.number, created and gtids_before are filled here (gtids_before: the spool's own state;
  // `entry.gtids_before` is taken only when the spool is empty). REQUIRES: no open transaction. After an error:
  // abandon(), then start_file() again.
  [[nodiscard]] base::Result<void> start_file(SpoolFileEntry entry, const binlog::FormatDescription& format);

  // The source goes on with the file that the last spool file was made from: after a start_file() that failed it is as
  // if that had not been called; else nothing is done. REQUIRES: no open transaction. Errors: io; then abandon(), and
  // this or start_file() again.
  [[nodiscard]] base::Result<void> go_on_with_file();

  // Appends an event to the open transaction; the first one opens it.
  [[nodiscard]] base::Result<void> append(const binlog::EventDraft& draft);
  // The transaction is whole. `gtid_*` is its GTID where it has one, `source_end` the offset behind it in the source's
  // file. A transaction whose every event was dropped (no append) only moves the source position on; that is written
  // down with the next commit or flush(), so a crash may bring the transaction back. Its GTID, were there one, is not
  // in the spool and not remembered. Published at once under every policy; what may be lost with the power is
  // FORMAT.md's "Sync policy".
  struct Commit {
    std::optional<binlog::MysqlGtid> mysql_gtid;
    std::optional<binlog::MariadbGtid> mariadb_gtid;
    std::uint64_t source_end = 0;
    std::uint32_t events_kept = 0, events_replaced = 0, events_dropped = 0;
    std::uint32_t schema_mark = 0;  // of the schema history behind it
  };
  [[nodiscard]] base::Result<void> commit(const Commit& commit);
  // Cuts away what the open transaction has written. Needs no space on the disk.
  [[nodiscard]] base::Result<void> abandon();
  // Forces what is committed to the disk, under every policy; an open transaction stays open. Called when the stream is
  // idle under interval syncing (commits sync by themselves when the interval is over) and before stopping. Cheap when
  // there is nothing to do.
  [[nodiscard]] base::Result<void> flush();

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const GtidState& gtids() const;  // of everything committed
  [[nodiscard]] SpoolPosition position() const;  // behind the last commit
  ~SpoolWriter();

 private:
  struct State;
  [[nodiscard]] base::Result<void> guard(base::Result<void> result);
  explicit SpoolWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace relay::spool
