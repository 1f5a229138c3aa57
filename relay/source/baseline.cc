#include "relay/source/baseline.h"

#include <algorithm>
#include <chrono>

#include "relay/base/log.h"
#include "relay/source/known_order.h"
#include "relay/source/triggers.h"

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::Flavor;

constexpr std::uint64_t kFileHead = 4;
constexpr std::chrono::seconds kProgressEvery{10};

// Where the scan starts reading, and from where on it looks for DDL.
struct ScanPlan {
  DumpRequest request;
  BinlogScan scan;
  bool head_gives_gtids = false;  // the GTIDs before the start come from the scan
};

class StartFinder {
 public:
  StartFinder(SourceConnection& questions, SourceConnection& dump, const SourceFacts& facts,
              const ReplicaIdentity& identity)
      : questions_(questions), dump_(dump), facts_(facts), identity_(identity) {}

  base::Result<Baseline> find(const StartSpec& start, const LeavingTables& leaving) {
    RELAY_ASSIGN(const LogPosition before, current_log_position(questions_, facts_));
    RELAY_ASSIGN(ScanPlan plan, plan_for(start, before));
    if (baseline_.by_gtid) RELAY_TRY(require_known(plan.request));
    RELAY_ASSIGN(baseline_.schema, read_schema(questions_, facts_, leaving));
    if (leaving.plain_tables) {
      RELAY_ASSIGN(baseline_.plain_tables, read_plain_tables(questions_, facts_));
    }
    RELAY_ASSIGN(const LogPosition after, current_log_position(questions_, facts_));
    const bool nothing_to_scan = start.kind == StartSpec::Kind::latest && !plan.head_gives_gtids &&
                                 after.file == before.file && after.offset == before.offset;
    if (!nothing_to_scan) RELAY_TRY(scan(start, plan, after));
    if (plan.head_gives_gtids) {
      baseline_.mysql_gtids.add(plan.scan.mysql_gtids());
      baseline_.mariadb_gtids = plan.scan.mariadb_gtids();
    }
    baseline_.left_out = leave_out_touched(baseline_.schema, plan.scan.touched());
    const TouchedTables& touched = plan.scan.touched();
    std::erase_if(baseline_.plain_tables,
                  [&](const sql::TableName& name) { return touched.triggers_changed() || touched.contains(name); });
    return std::move(baseline_);
  }

 private:
  base::Result<ScanPlan> plan_for(const StartSpec& start, const LogPosition& now) {
    switch (start.kind) {
      case StartSpec::Kind::earliest:
        return plan_earliest(now);
      case StartSpec::Kind::latest:
        return plan_latest(now);
      case StartSpec::Kind::position:
        return plan_position(start.file, start.offset, now);
      case StartSpec::Kind::gtid:
        return plan_gtid(start);
    }
    return base::fail(ErrorKind::configuration, "no such start");
  }

  ScanPlan plan_from(const std::string& file, std::uint64_t offset) {
    baseline_.file = file;
    baseline_.offset = offset;
    ScanPlan plan{{}, BinlogScan(facts_.folds_case()), false};
    plan.request.flavor = facts_.flavor;
    plan.request.file = file;
    plan.request.offset = offset;
    plan.request.non_blocking = true;
    plan.request.identity = identity_;
    return plan;
  }

  base::Result<ScanPlan> plan_earliest(const LogPosition& now) {
    RELAY_ASSIGN(const std::string file, first_log_file(questions_));
    if (facts_.flavor == Flavor::mysql) return plan_position(file, kFileHead, now);
    ScanPlan plan = plan_from(file, kFileHead);
    plan.head_gives_gtids = true;
    return plan;
  }

  // Not with the GTIDs that the source tells together with the position: a transaction that commits just then may lie
  // before the one and not be among the others.
  base::Result<ScanPlan> plan_latest(const LogPosition& now) { return plan_position(now.file, now.offset, now); }

  base::Result<ScanPlan> plan_position(const std::string& file, std::uint64_t offset, const LogPosition& now) {
    ScanPlan plan = plan_from(file, offset);
    if (facts_.flavor == Flavor::mariadb) {
      RELAY_ASSIGN(baseline_.mariadb_gtids, mariadb_gtids_at(questions_, file, offset));
      return plan;
    }
    // Its gtid_mode may have been another, and be so again.
    if (now.gtids.empty() && (facts_.gtid_mode.empty() || facts_.gtid_mode == "OFF")) return plan;
    if (facts_.gtid_mode == "OFF") {
      // All have come before the start: the source would not give one that has a GTID.
      RELAY_ASSIGN(baseline_.mysql_gtids, binlog::MysqlGtidSet::parse_text(now.gtids));
      return plan;
    }
    RELAY_ASSIGN(baseline_.mysql_gtids, purged_gtids(questions_));
    plan.head_gives_gtids = true;
    if (offset > kFileHead) {
      plan.request.offset = kFileHead;
      plan.scan = BinlogScan(facts_.folds_case(), file, offset);
    }
    return plan;
  }

  base::Result<ScanPlan> plan_gtid(const StartSpec& start) {
    if (!facts_.has_gtids()) {
      return base::fail(
          Error(ErrorKind::configuration, "the source does not write GTIDs, so the stream cannot start at one")
              .remedy("set source.start to a file and position, or gtid_mode to ON at the source"));
    }
    ScanPlan plan = plan_from("", kFileHead);
    baseline_.by_gtid = plan.request.by_gtid = true;
    if (facts_.flavor == Flavor::mariadb) {
      RELAY_ASSIGN(baseline_.mariadb_gtids, readable(binlog::MariadbGtidList::parse_text(start.gtids)));
    } else {
      RELAY_ASSIGN(baseline_.mysql_gtids, readable(binlog::MysqlGtidSet::parse_text(start.gtids)));
    }
    plan.request.mysql_gtids = baseline_.mysql_gtids;
    plan.request.mariadb_gtids = baseline_.mariadb_gtids;
    KnownOrder::prepare(plan.request);
    return plan;
  }

  // What lies before the start is in the schema that is read, and not given later.
  base::Result<void> require_known(const DumpRequest& request) {
    RELAY_ASSIGN(const bool has_all, has_known(questions_, request));
    if (has_all) return {};
    return base::fail(Error(ErrorKind::peer, "the source does not have all transactions of source.start")
                          .remedy("the relay waits until it has them; where that will never be, give source.start "
                                  "what the source has"));
  }

  template <typename Gtids>
  base::Result<Gtids> readable(base::Result<Gtids> gtids) {
    if (gtids) return gtids;
    return base::fail(Error(ErrorKind::configuration, "source.start is no GTID set of the source's flavour")
                          .remedy("MySQL: \"gtid:UUID:1-100\"; MariaDB: \"gtid:0-1-100\""));
  }

  // Reads up to `end`, or to the end of the log, which lies behind it.
  base::Result<void> scan(const StartSpec& start, ScanPlan& plan, const LogPosition& end) {
    std::optional<KnownOrder> order;
    if (baseline_.by_gtid) {
      RELAY_ASSIGN(auto files, log_file_ends(questions_));
      order.emplace(end, std::move(files), facts_);
    }
    RELAY_TRY(dump_.start_dump(plan.request));
    SourceStream stream(dump_, dump_.checksum());
    if (plan.request.offset > UINT32_MAX) stream.skip_to(plan.request.file, plan.request.offset);
    auto last_told = std::chrono::steady_clock::now();
    for (;;) {
      RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
      if (order) RELAY_TRY(follow_order(*order, item));
      if (!item) return started_in_time(start, plan);
      if (baseline_.by_gtid && baseline_.file.empty()) baseline_.file = item->file;
      RELAY_TRY(plan.scan.add(*item));
      const bool is_at_end = item->file == end.file && stream.offset() >= end.offset;
      if (is_at_end || (order && order->is_at_end())) return started_in_time(start, plan);
      if (item->artificial && std::chrono::steady_clock::now() - last_told > kProgressEvery) {
        base::log(base::LogLevel::info, "reading the source's binary log for changes of the schema: {} of up to {}",
                  stream.file(), end.file);
        last_told = std::chrono::steady_clock::now();
      }
    }
  }

  // DDL that lies before the start is not seen: none of it may lie behind a row that the stream gets.
  static base::Result<void> follow_order(KnownOrder& order, const std::optional<SourceStream::Item>& item) {
    if (item) {
      order.add(*item);
    } else {
      RELAY_TRY(order.finish());
    }
    if (!order.is_broken()) return {};
    return base::fail(
        Error(ErrorKind::rule, "source.start lacks transactions that the source wrote before some that it names")
            .remedy("give source.start everything that the source had at one moment: MySQL's gtid_executed without "
                    "holes, MariaDB's gtid_binlog_pos with all its domains"));
  }

  base::Result<void> started_in_time(const StartSpec& start, const ScanPlan& plan) {
    if (!plan.scan.is_before_start()) return {};
    // A transaction that is being committed lies in the log and is not given yet.
    if (start.kind == StartSpec::Kind::latest)
      return base::fail(ErrorKind::io, "the end of the source's binary log is not on its disk yet");
    return base::fail(Error(ErrorKind::rule, "the place to start from lies behind the end of the source's binary log")
                          .about(baseline_.file)
                          .at(baseline_.offset)
                          .remedy("give source.start a position that the source has"));
  }

  SourceConnection& questions_;
  SourceConnection& dump_;
  const SourceFacts& facts_;
  const ReplicaIdentity& identity_;
  Baseline baseline_;
};

}  // namespace

std::vector<sql::TableName> leave_out_touched(SourceSchema& schema, const TouchedTables& touched) {
  std::vector<sql::TableName> left_out;
  const auto is_touched = [&](const sql::TableDefinition& table) {
    if (!touched.touches(table)) return false;
    left_out.push_back({table.database, table.table});
    return true;
  };
  schema.tables.erase(std::remove_if(schema.tables.begin(), schema.tables.end(), is_touched), schema.tables.end());
  for (auto at = schema.database_character_sets.begin(); at != schema.database_character_sets.end();) {
    at = touched.contains_character_set_of(at->first) ? schema.database_character_sets.erase(at) : std::next(at);
  }
  return left_out;
}

base::Result<Baseline> prepare_start(SourceConnection& questions, SourceConnection& dump, const SourceFacts& facts,
                                     const StartSpec& start, const LeavingTables& leaving,
                                     const ReplicaIdentity& identity) {
  return StartFinder(questions, dump, facts, identity).find(start, leaving);
}

}  // namespace relay::source
