#include "relay/seed/consistent_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/standing_tables.h"
#include "relay/seed/view_session.h"
#include "relay/source/dump_command.h"
#include "relay/source/grants.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using binlog::Flavor;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kBackupLockSince = 80000;  // MySQL: LOCK INSTANCE FOR BACKUP, BACKUP_ADMIN
constexpr std::uint32_t kTableLocksSince = 80000;  // MySQL: LOCK TABLES waits for transactions on tables and children
constexpr int kTries = 12;
constexpr int kXaTries = 5;
constexpr int kTableLockTries = 4;  // before the read lock is tried, which does not wait for open transactions
constexpr int kPositionTries = 10;
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{30};
constexpr std::chrono::milliseconds kPositionPause{100};
constexpr std::chrono::seconds kTableLocksWait{5};  // for all of them; each has lock_wait_timeout
constexpr std::chrono::seconds kAlive{5};
// How long the source holds locks for a connection from which it hears nothing: it gives them up itself, whatever has
// become of the network or of this program, and writers are held back no longer than that in any case.
constexpr std::chrono::seconds kHeld{15};
constexpr const char* kKeepAlive = "DO 0";

class ViewMaker {
 public:
  ViewMaker(const ViewSettings& settings, const SchemaFunction& read_schema, LiveConnections& connections,
            const base::StopToken& stop)
      : settings_(settings), facts_(settings.facts), read_schema_(read_schema), all_(connections), stop_(stop) {}

  Result<ConsistentView> make() {
    LiveConnection control(all_);
    control_ = &*control;
    RELAY_TRY(control_->connect(settings_.source, source::SourceConnection::Purpose::questions));
    RELAY_TRY(control_->query("SET SESSION autocommit = 1, lock_wait_timeout = 2"));
    // What the one connection locks it alone could not read: other tables than those it has locked.
    LiveConnection questions(all_);
    questions_ = &*questions;
    RELAY_TRY(questions_->connect(settings_.source, source::SourceConnection::Purpose::questions));
    // What it shows is compared with what readers show.
    RELAY_TRY(set_reader_session(*questions_, facts_));
    RELAY_TRY(connect_readers());
    RELAY_TRY(warn());
    auto pause = kFirstPause;
    for (tries_ = 1;; ++tries_) {
      RELAY_TRY(control_->query(fmt::format("SET SESSION wait_timeout = {}", kHeld.count())));
      RELAY_ASSIGN(const bool made, try_once());
      RELAY_TRY(let_go());
      if (made) return std::move(view_);
      for (const auto& reader : view_.readers) RELAY_TRY((*reader)->query("ROLLBACK"));
      if (tries_ >= most_tries_) return base::fail(why_);
      RELAY_TRY(control_->query("SET SESSION wait_timeout = 3600"));
      base::log(base::LogLevel::info, "{}: everything was let go, next try in {} s", why_.message(), pause.count());
      if (stop_.wait_for(pause)) return base::fail(ErrorKind::interrupted, "stopped");
      pause = std::min(pause * 2, kLongestPause);
    }
  }

 private:
  Result<void> connect_readers() {
    while (view_.readers.size() < settings_.readers) {
      auto reader = std::make_unique<LiveConnection>(all_);
      RELAY_TRY((*reader)->connect(settings_.source, source::SourceConnection::Purpose::questions));
      RELAY_ASSIGN(const bool frees, set_reader_session(**reader, facts_));
      view_.frees_tables = view_.frees_tables && frees;
      view_.readers.push_back(std::move(reader));
    }
    return {};
  }

  // What an operator may want to know before anything is locked.
  Result<void> warn() {
    if (!view_.frees_tables) {
      base::log(base::LogLevel::warning,
                "ALTER TABLE and other changes of tables that were read will wait until the snapshot is done, and what "
                "writes to those tables waits behind them: GRANT BINLOG ADMIN to the account (SUPER before MariaDB "
                "10.5.2) and the snapshot lets go of tables after each chunk");
    }
    RELAY_ASSIGN(const auto prepared, PreparedTransactions::begin(*questions_, facts_));
    if (!prepared.visible()) {
      base::log(base::LogLevel::warning,
                "the account may not see XA transactions (XA_RECOVER_ADMIN): one that has been prepared since before "
                "the source's start would be missing from the snapshot, and stop a replica at its XA COMMIT");
    }
    return {};
  }

  // Gives back all that this try has locked. Fails where the source has given it up before, so that nothing which came
  // of it counts.
  Result<void> let_go() {
    for (; !held_.empty(); held_.pop_back()) RELAY_TRY(control_->query(held_.back()));
    return {};
  }

  Result<bool> try_once() {
    // A prepared transaction may keep the locks of its tables: that is not a matter of waiting for a statement.
    RELAY_ASSIGN(const auto prepared, PreparedTransactions::begin(*questions_, facts_));
    RELAY_ASSIGN(const bool none, judge_prepared(prepared));
    RELAY_ASSIGN(view_.marks, read_table_marks(*questions_));
    if (none) return facts_.flavor == Flavor::mariadb ? try_mariadb() : try_mysql();
    return false;
  }

  // Not now: `tries` is after how many in all to give up.
  bool again(Error why, int tries = kTries) {
    why_ = std::move(why);
    most_tries_ = tries;
    return false;
  }

  bool busy() {
    return again(Error(ErrorKind::peer, "a long statement or an open transaction at the source is in the way of a lock")
                     .remedy("find what runs at the source all the time, or try again later"));
  }

  bool differs() {
    return again(Error(ErrorKind::peer, "tables that leave were changed at the source meanwhile")
                     .remedy("try again when no CREATE, ALTER or DROP TABLE runs"));
  }

  Result<Asked> take(std::string_view statement, const char* give_back) {
    locked_since_ = Clock::now();
    RELAY_ASSIGN(const Asked asked, ask(*control_, statement));
    if (asked == Asked::had && give_back != nullptr) held_.emplace_back(give_back);
    return asked;
  }

  Result<void> begin_readers() {
    for (const auto& reader : view_.readers) RELAY_TRY(begin_view(**reader));
    return {};
  }

  // With the control connection kept alive. REQUIRES: nothing that it holds keeps writers of rows waiting.
  Result<SnapshotSchema> read_schema() {
    SnapshotSchema schema;
    RELAY_TRY(during(*control_, kAlive, kKeepAlive, [&]() -> Result<void> {
      RELAY_ASSIGN(schema, read_schema_(*questions_));
      return {};
    }));
    return schema;
  }

  [[nodiscard]] bool is_same(const SnapshotSchema& now) const {
    return now.databases == view_.schema.databases && now.listed == view_.schema.listed &&
           std::ranges::equal(now.tables, view_.schema.tables,
                              [](const SnapshotTable& one, const SnapshotTable& other) {
                                return one.name() == other.name() && same_definition(one.shown, other.shown);
                              });
  }

  // From here on until tables_stood() a table that comes and goes is noticed: a schema read before and one read after
  // do not have it, and what it had in between would be missing.
  Result<void> watch_tables() {
    RELAY_ASSIGN(StandingTables standing, StandingTables::begin(*questions_, facts_, settings_.leaving));
    standing_.emplace(standing);
    return {};
  }

  Result<bool> tables_stood() const {
    if (!standing_) return true;
    RELAY_ASSIGN(const bool still, standing_->still());
    return still && standing_->names() == view_.schema.listed;
  }

  void note_blocked() {
    view_.blocked_milliseconds =
        static_cast<std::uint64_t>((Clock::now() - locked_since_) / std::chrono::milliseconds(1));
  }

  // Whether no XA transaction was prepared since `prepared` began to look.
  Result<bool> judge_prepared(const PreparedTransactions& prepared) {
    RELAY_ASSIGN(const bool none, prepared.none(*questions_));
    if (none) return true;
    return again(Error(ErrorKind::peer, "XA transactions are prepared at the source: their rows would be missing")
                     .remedy("end those that XA RECOVER shows by XA COMMIT or XA ROLLBACK, and try again"),
                 kXaTries);
  }

  Result<bool> try_mysql() {
    Asked no_ddl = Asked::denied;
    if (facts_.version_number >= kBackupLockSince) {
      RELAY_ASSIGN(no_ddl, take("LOCK INSTANCE FOR BACKUP", "UNLOCK INSTANCE"));
      if (no_ddl == Asked::busy) return busy();
    }
    RELAY_ASSIGN(view_.schema, read_schema());
    RELAY_ASSIGN(const Asked locked, hold_commits());
    if (locked == Asked::denied) return needs_grant();
    if (locked == Asked::busy) return busy();
    const Result<bool> made = read_moment(no_ddl == Asked::had);
    if (made || Clock::now() - locked_since_ < kHeld) return made;
    return base::fail(
        Error(ErrorKind::peer, "the source ended the lock that lines up the readers: it was held for too long")
            .remedy("run the snapshot nearer to the source, or where there is BACKUP_ADMIN, grant it"));
  }

  // REQUIRES: commits are held back, and are let go on by the last of held_.
  Result<bool> read_moment(bool no_ddl) {
    RELAY_ASSIGN(const auto prepared, PreparedTransactions::begin(*questions_, facts_));
    standing_.reset();
    // The read lock keeps tables from coming and going by itself.
    if (!no_ddl && view_.way == ViewWay::table_locks) RELAY_TRY(watch_tables());
    RELAY_TRY(begin_readers());
    RELAY_ASSIGN(const source::LogPosition position, source::current_log_position(*control_, facts_));
    RELAY_ASSIGN(const bool stood, tables_stood());
    RELAY_ASSIGN(const bool committed, judge_prepared(prepared));
    if (!committed) return false;
    // Behind the position: a table that came before it, with rows, is seen here.
    if (!no_ddl) {
      RELAY_ASSIGN(const SnapshotSchema now, read_schema_(*questions_));
      if (!stood || !is_same(now)) return differs();
    }
    RELAY_TRY(control_->query(held_.back()));
    held_.pop_back();
    note_blocked();
    view_.position = {position.file, position.offset, ""};
    if (facts_.has_gtids()) {
      RELAY_ASSIGN(const auto gtids, binlog::MysqlGtidSet::parse_text(position.gtids));
      view_.position.gtids = gtids.text();
    }
    return true;
  }

  Result<Asked> hold_commits() {
    if (tables_ != Asked::denied && (tries_ <= kTableLockTries || flush_ == Asked::denied)) {
      RELAY_ASSIGN(tables_, lock_tables());
      if (tables_ != Asked::denied) return tables_;
    }
    if (flush_ != Asked::denied) {
      RELAY_ASSIGN(flush_, lock_by_flush());
      if (flush_ != Asked::denied) return flush_;
    }
    return tables_;
  }

  // All transactions that have changed one of the tables have ended, and none can begin to: whatever else the binary
  // log has up to here or from here on is not about them. Nobody who reads is held up, nor who writes other tables.
  Result<Asked> lock_tables() {
    if (facts_.version_number < kTableLocksSince) return Asked::denied;
    view_.way = ViewWay::table_locks;
    RELAY_ASSIGN(const auto id, control_->query_value("SELECT CONNECTION_ID()"));
    Asked asked = Asked::denied;
    RELAY_TRY(during(*questions_, kTableLocksWait, "KILL QUERY " + id.value_or("0"), [&]() -> Result<void> {
      RELAY_ASSIGN(asked, take(lock_statement(view_.schema), "UNLOCK TABLES"));
      return {};
    }));
    // A KILL that came when the locks were had already meets the next statement: this one.
    RELAY_ASSIGN(const Asked alive, ask(*control_, kKeepAlive));
    return asked == Asked::had ? alive : asked;
  }

  // What the flush is waiting for when it is given up stays flushed: all later statements on those tables would wait
  // for the long one, readers too. So it is not begun while one runs.
  Result<Asked> lock_by_flush() {
    view_.way = ViewWay::read_lock;
    if (!std::exchange(told_, true)) {
      RELAY_ASSIGN(const bool all, sees_all_statements(*questions_));
      if (!all) {
        base::log(base::LogLevel::warning,
                  "the account may not see other accounts' statements (PROCESS): where one runs for long, all later "
                  "ones on its tables wait for its end once the lock was tried");
      }
    }
    RELAY_ASSIGN(const bool long_one, long_statement_runs(*questions_));
    if (long_one) return Asked::busy;
    RELAY_ASSIGN(const Asked asked, take("FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES"));
    if (asked == Asked::busy) RELAY_TRY(control_->query("UNLOCK TABLES"));
    return asked;
  }

  Result<bool> needs_grant() {
    RELAY_ASSIGN(const auto account, control_->query_value("SELECT CURRENT_USER()"));
    const char* privilege = facts_.version_number >= kTableLocksSince ? "LOCK TABLES" : "RELOAD";
    return base::fail(
        Error(ErrorKind::peer, "the account may take no lock that lines up the readers")
            .about(fmt::format("GRANT {} ON *.* TO {}", privilege, source::quoted_account(account.value_or(""))))
            .remedy("run that at the source; LOCK TABLES will do on the databases that leave alone"));
  }

  Result<bool> try_mariadb() {
    RELAY_ASSIGN(const Asked begun, take("BACKUP STAGE START", "BACKUP STAGE END"));
    if (begun == Asked::busy) return busy();
    return begun == Asked::had ? try_stages() : try_positions();
  }

  Result<bool> try_stages() {
    view_.way = ViewWay::stages;
    for (const char* stage : {"BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL"}) {
      RELAY_ASSIGN(const Asked asked, take(stage, nullptr));
      if (asked != Asked::had) return busy();
    }
    RELAY_ASSIGN(view_.schema, read_schema());
    RELAY_ASSIGN(const Asked held, take("BACKUP STAGE BLOCK_COMMIT", nullptr));
    if (held != Asked::had) return busy();
    RELAY_ASSIGN(const auto prepared, PreparedTransactions::begin(*questions_, facts_));
    RELAY_TRY(begin_readers());
    RELAY_ASSIGN(const bool equal, read_positions());
    RELAY_ASSIGN(const bool committed, judge_prepared(prepared));
    RELAY_TRY(let_go());
    note_blocked();
    if (!equal) {
      return base::fail(ErrorKind::peer, "the readers do not see the same moment although commits were held back");
    }
    return committed;
  }

  // The binary log's position is taken together with the view, so one reader is always right by itself.
  Result<bool> try_positions() {
    if (!std::exchange(told_, true)) {
      base::log(base::LogLevel::info,
                "the account may take no lock (RELOAD): readers are lined up by their own positions in the binary log");
    }
    view_.way = ViewWay::positions;
    RELAY_ASSIGN(view_.schema, read_schema());
    PreparedTransactions prepared;
    for (int tries = 1;; ++tries) {
      RELAY_ASSIGN(prepared, PreparedTransactions::begin(*questions_, facts_));
      RELAY_TRY(watch_tables());
      RELAY_TRY(begin_readers());
      RELAY_ASSIGN(const bool equal, read_positions());
      if (equal) break;
      if (tries == kPositionTries) {
        view_.readers.resize(1);
        base::log(base::LogLevel::warning, "commits come too close for several readers: the snapshot has one");
      }
      if (stop_.wait_for(kPositionPause)) return base::fail(ErrorKind::interrupted, "stopped");
    }
    RELAY_ASSIGN(const bool stood, tables_stood());
    RELAY_ASSIGN(const bool committed, judge_prepared(prepared));
    if (!committed) return false;
    RELAY_ASSIGN(const SnapshotSchema now, read_schema());
    return (stood && is_same(now)) || differs();
  }

  // Whether all readers see the same moment, which then is the view's.
  Result<bool> read_positions() {
    ViewPosition first;
    for (const auto& reader : view_.readers) {
      RELAY_ASSIGN(const ViewPosition position, read_view_position(**reader));
      if (reader == view_.readers.front()) first = position;
      if (position != first) return false;
    }
    RELAY_ASSIGN(const auto gtids, control_->query_value(fmt::format("SELECT BINLOG_GTID_POS({}, {})",
                                                                     source::quote_text(first.file), first.offset)));
    RELAY_ASSIGN(const auto list, binlog::MariadbGtidList::parse_text(gtids.value_or("")));
    first.gtids = list.position_text();
    view_.position = first;
    return true;
  }

  const ViewSettings& settings_;
  const source::SourceFacts& facts_;
  const SchemaFunction& read_schema_;
  LiveConnections& all_;
  const base::StopToken& stop_;
  source::SourceConnection* control_ = nullptr;    // takes the locks
  source::SourceConnection* questions_ = nullptr;  // reads the schema
  ConsistentView view_;
  Clock::time_point locked_since_;  // when the last lock was asked for
  std::vector<std::string> held_;   // what gives back the locks of this try, the last first
  int tries_ = 0;
  int most_tries_ = kTries;
  std::optional<StandingTables> standing_;   // where nothing keeps tables from coming and going
  bool told_ = false;                        // which privilege the way of lining up does without
  Error why_{ErrorKind::peer, "not tried"};  // why the last try was in vain
  Asked tables_ = Asked::busy;               // LOCK TABLES, as it was asked for last
  Asked flush_ = Asked::busy;                // FLUSH TABLES WITH READ LOCK
};

}  // namespace

Result<ConsistentView> make_view(const ViewSettings& settings, const SchemaFunction& read_schema,
                                 LiveConnections& connections, const base::StopToken& stop) {
  return ViewMaker(settings, read_schema, connections, stop).make();
}

}  // namespace relay::seed
